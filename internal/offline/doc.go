// Package offline scores pronunciation on this machine: nothing that a learner says leaves it.
//
// It reads the acoustic model and the dictionary of Debian's pocketsphinx-en-us (US English, from CMU Sphinx, BSD licence), aligns the
// sounds of the text with the recording, and asks of every sound how much better another one would have fitted there: the
// "goodness of pronunciation" (Witt and Young, "Phone-level pronunciation scoring and assessment for interactive language
// learning", Speech Communication 30, 2000). The stages, each in a file of its own:
//
//	text.go, numbers.go     the text as it is read aloud
//	dictionary.go, letters.go   the sounds of its words
//	frontend.go             the recording as 100 feature vectors a second
//	tract.go                the bands that fit the speaker, who may be a child
//	senone.go               how well each state of each sound fits each vector
//	align.go, graph.go      which vectors belong to which sound
//	compete.go              which other sounds would have fitted there
//	ear.go                  how probable each sound is, for somebody who has heard learners
//	melody.go               how high the voice is
//	reading.go              all of it, for one recording
//	marks.go                what that means in marks from 0 to 100
//
// docs/pronunciation.md says how well that agrees with human experts, and where it does not.
package offline
