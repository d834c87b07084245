package httpapi

import (
	"testing"

	"github.com/google/uuid"
)

// TestDrawsAreEncodedAsEver: byte for byte as by encoding/json, whatever is in the texts.
func TestDrawsAreEncodedAsEver(t *testing.T) {
	for _, text := range []string{
		"What do you eat for breakfast?", "", `"quoted" and \back\`, "line\nend\ttab\x00\x1f\x7f", "café, Ứng dụng, 日本", "<b>&amp;</b>", "\u2028\u2029", "broken \xff\xfe", "~}",
	} {
		answer := drawResponse{[]speechResponse{
			{ID: uuid.New(), AudioURL: "https://x.example/" + text, Text: text, Level: "A1", Type: "question", Tags: []tagRefResponse{}},
			{ID: uuid.New(), Text: text, Level: "C1", Type: "answer", Tags: []tagRefResponse{{uuid.New(), text}, {uuid.New(), "Food"}}},
		}}
		want, err := encode(answer)
		if err != nil {
			t.Fatal(err)
		}
		got, err := answer.appendJSON(nil)
		if err != nil || string(got) != string(want) {
			t.Errorf("encoded %s, %v\nwant %s", got, err, want)
		}
	}
	empty := drawResponse{[]speechResponse{}}
	want, _ := encode(empty)
	if got, err := empty.appendJSON(nil); err != nil || string(got) != string(want) {
		t.Errorf("encoded %s, %v; want %s", got, err, want)
	}
}
