package pronunciation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// scoreIDLife is how long a score can be quoted: as long as a phone may repeat a request (decisions, "Sessions").
const scoreIDLife = 24 * time.Hour

// maxQuotedText is how many characters of what was recognised a score id carries: as many as a session's result may have.
const maxQuotedText = 1000

// What is wrong with a score id. Each continues "results[0].score_id: …".
var (
	ErrNotOurs       = errors.New("is not one that this server has given to you")
	ErrOtherSentence = errors.New("was given for another sentence")
	ErrOver          = errors.New("has expired")
)

// Given is a score that this server has given.
type Given struct {
	ID         uuid.UUID
	Score      float64 // the overall score, 0 to 100
	Recognized string  // at most 1000 characters
	Provider   string  // who scored, as in Assessment; empty in ids of servers that did not say
}

// ScoreIDs makes ids by which a learner's app can quote a score, and reads them. An id holds the score itself, for whom and for which
// sentence it was given and until when it counts, and a signature over all of that (HMAC-SHA256): nothing is stored, and
// every daemon with the same key takes it. That nobody is credited twice with one score is for whoever stores Given.ID.
type ScoreIDs struct {
	keys [][]byte // the first one signs; all are believed
	now  func() time.Time
}

// NewScoreIDs returns ScoreIDs that sign with a key and believe a previous one, too, if there is one.
func NewScoreIDs(signing, previous []byte, now func() time.Time) *ScoreIDs {
	keys := [][]byte{signing}
	if len(previous) > 0 {
		keys = append(keys, previous)
	}
	return &ScoreIDs{keys, now}
}

// quotable is what an id says.
type quotable struct {
	ID         uuid.UUID `json:"i"`
	Player     uuid.UUID `json:"p"`
	Sentence   []byte    `json:"t"` // a hash of it
	Score      float64   `json:"s"`
	Recognized string    `json:"r"`
	Provider   string    `json:"v,omitempty"`
	Expires    int64     `json:"e"` // in seconds since 1970
}

// issue returns an id for the score of a player.
func (s *ScoreIDs) issue(player uuid.UUID, text string, a Assessment) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(quotable{
		ID: id, Player: player, Sentence: fingerprint(text), Score: a.Pronunciation, Recognized: storable(a.Recognized),
		Provider: a.Provider, Expires: s.now().Add(scoreIDLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	encoded := base64.RawURLEncoding.EncodeToString(payload)
	return encoded + "." + sign(s.keys[0], encoded), nil
}

// Read returns the score that was given to the player for the sentence. Case, punctuation and spaces of the sentence do not
// matter, nor how its accents are encoded.
//
// It returns ErrNotOurs for what is forged, damaged or somebody else's, ErrOtherSentence, and ErrOver 24 hours after it was given.
func (s *ScoreIDs) Read(player uuid.UUID, sentence, scoreID string) (Given, error) {
	encoded, signature, _ := strings.Cut(scoreID, ".")
	if !slices.ContainsFunc(s.keys, func(key []byte) bool { return hmac.Equal([]byte(signature), []byte(sign(key, encoded))) }) {
		return Given{}, ErrNotOurs
	}
	payload, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return Given{}, ErrNotOurs
	}
	var q quotable
	if err := json.Unmarshal(payload, &q); err != nil || q.Player != player {
		return Given{}, ErrNotOurs
	}
	switch {
	case !slices.Equal(q.Sentence, fingerprint(sentence)):
		return Given{}, ErrOtherSentence
	case !s.now().Before(time.Unix(q.Expires, 0)):
		return Given{}, ErrOver
	}
	return Given{ID: q.ID, Score: q.Score, Recognized: q.Recognized, Provider: q.Provider}, nil
}

// sign returns the signature as it is written in an id. It is compared so, too: decoding would pass over line breaks, and one id would have
// many spellings.
func sign(key []byte, encoded string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(encoded))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// fingerprint is alike for sentences that are read alike: words without case and punctuation, and accents that are written with their
// letters or after them (Unicode's NFC and NFD). Half of SHA-256 is enough to tell sentences apart, and keeps ids short.
func fingerprint(sentence string) []byte {
	words := strings.FieldsFunc(strings.ToLower(norm.NFC.String(sentence)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	sum := sha256.Sum256([]byte(strings.Join(words, " ")))
	return sum[:sha256.Size/2]
}

// storable is the part of a recognised text that every database takes.
func storable(text string) string {
	runes := []rune(strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", ""))
	return string(runes[:min(len(runes), maxQuotedText)])
}
