package importing

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// Sheet is a CSV file or workbook that waits in an upload session for its import.
type Sheet struct {
	FileName string
	Content  []byte
}

// Prepared is what importing a session's sheet with its recordings would do.
type Prepared struct {
	Sheet
	Plan
	// Recordings is how many there are in the session.
	Recordings int
	// Unused are the names of those that no row asks for.
	Unused []string
}

// KeepSheet puts the file that is to be imported into an open upload session of whoever acts, in the place of an earlier one.
// Whether it is one of ours, Prepare says. It returns fault.TooLarge, and for the session fault.NotFound or fault.Conflict.
func (s *Service) KeepSheet(ctx context.Context, session uuid.UUID, sheet Sheet) error {
	if len(sheet.Content) > MaxCSVBytes {
		return fault.TooLarge("The file is larger than %d MiB, the limit", MaxCSVBytes>>20)
	}
	if _, err := s.openSession(ctx, s.store, session); err != nil {
		return err
	}
	sheet.FileName = storedFileName(sheet.FileName)
	if err := s.store.PutUploadSheet(ctx, session, sheet); err != nil {
		return fmt.Errorf("keep the file of upload session %s: %w", session, err)
	}
	return nil
}

// Prepare says what importing the sheet of an open session of whoever acts would do. It changes nothing. It returns the errors of
// Plan, and for the session fault.NotFound or fault.Conflict; with an error of Plan, the sheet and the number of recordings are
// there all the same.
func (s *Service) Prepare(ctx context.Context, session uuid.UUID) (Prepared, error) {
	if _, err := s.openSession(ctx, s.store, session); err != nil {
		return Prepared{}, err
	}
	sheet, err := s.store.UploadSheet(ctx, session)
	if err != nil {
		return Prepared{}, fmt.Errorf("read the file of upload session %s: %w", session, err)
	}
	arrived, err := s.arrivedIn(ctx, session)
	if err != nil {
		return Prepared{}, err
	}
	p := Prepared{Sheet: sheet, Recordings: len(arrived)}
	recordings := make([]LocalFile, len(arrived))
	for i, f := range arrived {
		recordings[i] = f.local()
	}
	if p.Plan, err = s.Plan(ctx, PlanRequest{Content: sheet.Content, Recordings: recordings}); err != nil {
		return p, err
	}
	p.Unused, err = s.withoutRow(sheet.Content, recordings)
	return p, err
}

// withoutRow returns the names of the recordings that no row of the file asks for.
func (s *Service) withoutRow(content []byte, recordings []LocalFile) ([]string, error) {
	records, err := s.parse(content)
	if err != nil {
		return nil, err
	}
	wanted := audioNames(records)
	var names []string
	for _, f := range recordings {
		if !slices.Contains(wanted, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names, nil
}

// RejectedRows returns the rejected rows of a session's sheet as a CSV file that can be mended and imported, and its name;
// nothing where no row is rejected. It returns the errors of Prepare.
func (s *Service) RejectedRows(ctx context.Context, session uuid.UUID) (Sheet, error) {
	p, err := s.Prepare(ctx, session)
	if err != nil {
		return Sheet{}, err
	}
	return s.rejectedSheet(p)
}

func (s *Service) rejectedSheet(p Prepared) (Sheet, error) {
	lines, err := s.Rejects(p.Content, p.Plan)
	if err != nil || lines == nil {
		return Sheet{}, err
	}
	return sheetOf(lines, p.FileName)
}

// sheetOf is rejected rows as a CSV file that is called after the one that they are from.
func sheetOf(lines [][]string, fileName string) (Sheet, error) {
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(lines); err != nil {
		return Sheet{}, fmt.Errorf("write the rejected rows: %w", err)
	}
	const end = "-rejected.csv"
	name := []rune(strings.TrimSuffix(fileName, path.Ext(fileName)))
	return Sheet{FileName: string(name[:min(len(name), maxFileNameRunes-len(end))]) + end, Content: b.Bytes()}, nil
}

// BatchRejects returns the rows that an import has skipped, as RejectedRows does before it, whoever has made it. It returns
// fault.NotFound for an unknown import, and for one of which no rejected rows are kept: none were skipped, or it is older than
// their keeping.
func (s *Service) BatchRejects(ctx context.Context, batch uuid.UUID) (Sheet, error) {
	rejected, err := s.store.BatchRejects(ctx, batch)
	if err != nil {
		return Sheet{}, fmt.Errorf("read the rejected rows of import %s: %w", batch, err)
	}
	return rejected, nil
}

// ImportSheet imports the sheet of a session as ImportCSV does. Where rows are skipped and the session stays open for their
// recordings, the rejected rows take the sheet's place: they can be mended and imported next. watch is
// Request.Watch.
func (s *Service) ImportSheet(ctx context.Context, session uuid.UUID, onError OnError, watch func(done, total int)) (Report, error) {
	p, err := s.Prepare(ctx, session)
	if err != nil {
		return Report{}, err
	}
	rejected, err := s.rejectedSheet(p)
	if err != nil {
		return Report{}, err
	}
	report, err := s.ImportCSV(ctx, Request{
		SessionID: session, FileName: p.FileName, Content: bytes.NewReader(p.Content), OnError: onError, Watch: watch,
	})
	if err != nil || rejected.Content == nil {
		return report, err
	}
	err = s.KeepSheet(ctx, session, rejected)
	if fault.Is(err, fault.KindNotFound) {
		err = nil // no recording is left, so the session has ended
	}
	if err != nil { // the import is done, and that is what counts
		s.cfg.Log.WarnContext(ctx, "the rejected rows of an import were not kept", "error", err)
	}
	return report, nil
}
