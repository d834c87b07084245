package spreadsheet

import (
	"errors"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

func TestAPanicOfExcelizeIsDamage(t *testing.T) {
	rows, err := guarded(func() ([]importing.SheetRow, error) {
		var none []importing.SheetRow
		return none[1:2], nil
	})
	if rows != nil || !fault.Is(err, fault.KindInvalid) || errors.Unwrap(err) == nil {
		t.Errorf("%v, %v; want damage, and its cause for the log", rows, err)
	}
}
