package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

func TestScoreListing(t *testing.T) {
	accuracy := 242.0 / 3
	item := newScoreItem(pronunciation.Assessment{
		Recognized: "I really like", Pronunciation: 81.7, Accuracy: &accuracy, Provider: "azure",
		Words: []pronunciation.Word{{Text: "I", Score: 100, Band: pronunciation.Good}, {Text: "really", Error: pronunciation.Insertion}},
	})
	var out strings.Builder
	if err := scoreListing(item).print(&out, "csv"); err != nil {
		t.Fatal(err)
	}
	want := `what,score,bar,band,error
pronunciation,81.7,################,,
accuracy,80.7,################,,
word 'I',100,####################,good,
word 'really',0,,,insertion
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	out.Reset()
	if err := scoreListing(item).print(&out, "json"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"recognized_text": "I really like"`, `"fluency_score": null`, `"error_type": "insertion"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the JSON lacks %s: %s", want, out.String())
		}
	}
}
