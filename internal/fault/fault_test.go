package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("save session: %w", fault.NotFound("no speech has the id %d", 7))
	if !fault.Is(err, fault.KindNotFound) {
		t.Fatalf("fault.Is(%v, not_found) = false, want true", err)
	}
	if fault.Is(err, fault.KindConflict) {
		t.Fatal("a not_found counts as a conflict")
	}
	if fault.Is(io.EOF, fault.KindInvalid) {
		t.Fatal("an error without a kind counts as invalid")
	}
}

func TestCauseIsKeptForTheLog(t *testing.T) {
	err := fault.Unavailable("the database does not answer").WithCause(io.ErrUnexpectedEOF)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal("the cause is lost")
	}
	if got, want := err.Error(), "the database does not answer (unexpected EOF)"; got != want {
		t.Fatalf("Error() = %q, want %q", got, want)
	}
}

func TestWithCodeLeavesTheOriginalAlone(t *testing.T) {
	plain := fault.Conflict("taken")
	coded := plain.WithCode("email_taken")
	if plain.Code != "" || coded.Code != "email_taken" {
		t.Fatalf("codes = %q, %q; want none and email_taken", plain.Code, coded.Code)
	}
}

func TestCheckReportsEveryBrokenRule(t *testing.T) {
	var c fault.Check
	c.Require(true, "level", "not reported")
	c.Addf("level", "%q is not a level", "D1")
	c.Merge("results[1].", []fault.Field{{Name: "speech_id", Message: "missing"}})

	got, ok := fault.As(c.Err())
	if !ok || got.Kind != fault.KindInvalid || len(got.Fields) != 2 {
		t.Fatalf("Err() = %#v, want an invalid fault with two fields", got)
	}
	if want := `level: "D1" is not a level; results[1].speech_id: missing`; got.Error() != want {
		t.Fatalf("Error() = %q, want %q", got.Error(), want)
	}
}

func TestCheckWithoutFindingsIsNil(t *testing.T) {
	var c fault.Check
	if err := c.Err(); err != nil {
		t.Fatalf("Err() = %v, want nil", err)
	}
}
