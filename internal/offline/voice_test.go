package offline

import "testing"

// TestTimbre: the spectra of a kind's sounds are put together, without what all loud moments have in common; a kind that is hardly there has none.
func TestTimbre(t *testing.T) {
	s := make(Spectrum, 20)
	for i := range s {
		for b := range s[i] {
			s[i][b] = 100
		}
		if i < 10 {
			s[i][3] = 104
		}
	}
	words := []Word{{Sounds: []Sound{{Phone: "M", From: 0, To: 5}, {Phone: "S", From: 5, To: 8}}}, {}, {Sounds: []Sound{{Phone: "NG", From: 10, To: 15}, {Phone: "IY", From: 5, To: 10}}}}
	got := s.timbre(words)
	const nasals, front, hisses = 4, 0, 5
	if got[nasals][3] != 0 || got[front][3] != 2 || got[front][4] != 0 {
		t.Errorf("nasals %v, front vowels %v", got[nasals], got[front])
	}
	if got[hisses] != ([filters]float32{}) {
		t.Errorf("three frames of hissing have a timbre: %v", got[hisses])
	}
	if n := len(VoiceFeatures(&Reading{})); n != voiceNumbers {
		t.Errorf("a voice has %d features, want %d", n, voiceNumbers)
	}
}
