package importing

import "github.com/englishapp/englishctl/internal/fault"

// Rejected says that an import has changed nothing because rows are invalid. It wraps a fault.Unsuitable with the code
// import_rejected.
type Rejected struct {
	// Report lists every broken rule. Its SuccessCount and UnchangedCount are 0, and it has no BatchID.
	Report Report
	fault  *fault.Error
}

// refusal returns *Rejected if bad rows mean that nothing is imported, and nil otherwise.
func refusal(rows, bad int, errs []RowError, onError OnError) error {
	if bad > 0 && (onError == Abort || bad == rows) {
		return newRejected(rows, bad, errs)
	}
	return nil
}

func newRejected(rows, bad int, errs []RowError) *Rejected {
	return &Rejected{
		Report: Report{ErrorCount: bad, Created: []CreatedSpeech{}, Errors: errs},
		fault:  fault.Unsuitable("%d of %d rows are invalid; nothing was imported", bad, rows).WithCode("import_rejected"),
	}
}

// Error returns how many rows are invalid.
func (r *Rejected) Error() string { return r.fault.Error() }

// Unwrap returns the fault.
func (r *Rejected) Unwrap() error { return r.fault }
