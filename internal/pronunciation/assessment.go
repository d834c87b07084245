package pronunciation

import "context"

// SampleRate is that of Utterance.Samples, in Hz: what speech services take.
const SampleRate = 16_000

// Utterance is what somebody has said, and what they were to say. It has passed the checks of this package.
type Utterance struct {
	Samples  []int16 // mono, at SampleRate; 0.3 to 30 s
	Text     string  // the sentence to be read, 1 to 500 characters, spaces single
	Language string  // one of the assessor's Languages, spelled as there
	Phonemes bool    // whether the scores of single sounds are wanted
}

// Assessor scores utterances. Implementations are safe for concurrent use.
type Assessor interface {
	// Provider is a short name of who scores, as learners' apps see it: "azure".
	Provider() string
	// Languages are the locales that can be scored, such as "en-US".
	Languages() []string
	// Assess scores the utterance.
	//
	// It returns ErrNoWords, ErrSilent, ErrNoise or ErrNothingHeard where the provider could make nothing of the sound,
	// *Failure where the provider did not do its work, fault.Invalid with a *Failure as its cause where that is the learner's mistake,
	// or the context's error.
	Assess(ctx context.Context, u Utterance) (Assessment, error)
}

// Assessment is how well an utterance was spoken. Scores are 0 to 100; nil where the provider does not give them.
type Assessment struct {
	Recognized    string   // what was heard, which is not always the text
	Confidence    *float64 // of Recognized, 0 to 1
	Pronunciation float64  // the overall score
	Accuracy      *float64 // of the sounds
	Fluency       *float64 // few and short pauses
	Completeness  *float64 // share of the text's words that were said
	Prosody       *float64 // stress and intonation
	Words         []Word   // in the order in which they were said or should have been
	Provider      string
	ScoreID       string // by which the player may quote Pronunciation; see ScoreIDs. Empty where nobody can
	// Estimate says that the scores are a hint, and not to be mixed with those of a provider that gives none.
	Estimate bool
}

// Word is the score of one word.
type Word struct {
	Text  string
	Score float64 // 0 for a word that was left out or is not in the text
	// Error is what was wrong; empty where nothing was.
	Error WordError
	// Band is what the score is worth, where the provider says it so: its single numbers are less certain than they look.
	Band Band
	// Phonemes are the sounds of the word; empty unless they were asked for and the provider knows them.
	Phonemes []Phoneme
}

// Phoneme is the score of one sound.
type Phoneme struct {
	// Name is in the provider's alphabet; empty where it does not name the sounds of the language.
	Name  string
	Score float64
}

// Band is a range of scores of a word.
type Band string

// The bands.
const (
	Good     Band = "good"
	Doubtful Band = "doubtful"
	Poor     Band = "poor"
	Unscored Band = "unscored" // nobody knows how the word is spoken; it has the score of the whole
)

// WordError is what is wrong with a word.
type WordError string

// The errors.
const (
	Mispronunciation WordError = "mispronunciation"
	Omission         WordError = "omission"         // a word of the text that was not said
	Insertion        WordError = "insertion"        // said, but not in the text
	UnexpectedBreak  WordError = "unexpected_break" // a pause where there should be none
	MissingBreak     WordError = "missing_break"    // no pause where there should be one
	Monotone         WordError = "monotone"
)
