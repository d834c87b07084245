package importing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// maxFileNameRunes is how much of the CSV file's name a batch keeps.
	maxFileNameRunes = 255
	// maxCommits bounds how often the transaction is tried again because speeches that rows were equal to have gone.
	maxCommits = 3
)

// Request asks for an import.
type Request struct {
	// SessionID is the upload session with the recordings.
	SessionID uuid.UUID
	// FileName is the CSV file's name; a folder before it is dropped.
	FileName string
	// Content is the CSV file or workbook. It is read to its end or to 20 MiB.
	Content io.Reader
	// OnError is Abort where it is empty.
	OnError OnError
	// Strict rejects rows whose recording there is a warning about.
	Strict bool
	// Known describes recordings that were not uploaded because a Plan found their rows unchanged (Plan.Known). If such
	// a row turns out to be new after all, the import fails with fault.Conflict (code catalogue_busy).
	Known []LocalFile
	// Watch is told how many recordings of how many stand in their final places: first, with 0 done, when the
	// file was found to be good and the session is the import's, then after each. It is called by one goroutine at a time, and
	// the import waits for it. A total of 0 is an import that copies nothing. Should the catalogue change meanwhile, it begins
	// again with what is to be copied in addition. nil: nobody is told.
	Watch func(done, total int)
}

// run is one import on its way.
type run struct {
	*Service
	batch  Batch
	rows   []row
	errs   []RowError
	warned []RowWarning
	// rejected are the rows that are skipped, as a file; empty where none is.
	rejected Sheet
	// watch is Request.Watch.
	watch func(done, total int)
	// copied are the keys in the final place that may have been written.
	copied map[string]bool
	// result is what the transaction did, if it came to its end.
	result result
}

// ImportCSV creates a speech for each row of a CSV file, with its recording and tags, in one transaction. A row equal
// to a live speech (same text, level, type and recording) creates nothing; the speech gets the row's tags. So does a
// row equal to an earlier row of the same file: what one import does is what two imports of its halves would do.
//
// It returns *Rejected if a row is invalid and OnError is Abort, or if no row is valid; fault.Invalid and
// fault.TooLarge if the file is no CSV file of ours; and for the session fault.NotFound or fault.Conflict (code
// upload_session_busy). After any error the catalogue is as before and the session can be imported again, at the
// latest when a sweep has found the import dead.
func (s *Service) ImportCSV(ctx context.Context, req Request) (Report, error) {
	im, err := s.plan(ctx, req)
	if err != nil {
		return Report{}, err
	}
	if err := im.claim(ctx); err != nil {
		return Report{}, err
	}
	if err := im.carryOut(ctx); err != nil {
		done, cleanupErr := im.breakOff(ctx)
		if !done {
			return Report{}, errors.Join(fmt.Errorf("import batch %s: %w", im.batch.ID, err), cleanupErr)
		}
		// The transaction was committed; only the answer got lost.
	}
	s.catalogue.Changed()
	im.tidy(ctx)
	return im.report(), nil
}

// plan reads and judges the file. It changes nothing.
func (s *Service) plan(ctx context.Context, req Request) (*run, error) {
	if req.OnError == "" {
		req.OnError = Abort
	}
	if req.OnError != Abort && req.OnError != Skip {
		return nil, fault.Invalid("on_error", "'%s' is not allowed. Must be one of: %s", catalog.Shown(string(req.OnError)), catalog.OneOf([]OnError{Abort, Skip}))
	}
	session, err := s.openSession(ctx, s.store, req.SessionID)
	if err != nil {
		return nil, err
	}
	content, err := readCSV(req.Content)
	if err != nil {
		return nil, err
	}
	records, err := s.parse(content)
	if err != nil {
		return nil, err
	}
	files, err := s.arrivedFiles(ctx, s.store, session.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range req.Known {
		if _, uploaded := files[f.Name]; !uploaded && f.Wrong == "" {
			files[f.Name] = f.unplaced()
		}
	}
	judged, err := s.judge(ctx, records, shelf{files: files, place: "in upload session"}, req.Strict)
	if err != nil {
		return nil, err
	}
	bad := len(records) - len(judged.rows)
	if err := refusal(len(records), bad, judged.errs, req.OnError); err != nil {
		return nil, err
	}
	im := &run{
		Service: s, rows: judged.rows, errs: judged.errs, warned: judged.warned, copied: map[string]bool{},
		batch: s.newBatch(ctx, req, content), watch: req.Watch,
	}
	im.batch.Rejected = bad
	if bad > 0 {
		if im.rejected, err = sheetOf(rejectedLines(records, judged.errs), im.batch.FileName); err != nil {
			return nil, err
		}
	}
	im.place()
	return im, nil
}

// addOriginalNames lets the CSV use the name that a file was sent under where no file has that name and no other was sent
// under it: an upload that died keeps its file's name reserved, and when it was repeated the file got another one.
func addOriginalNames(files map[string]UploadFile) {
	sent := make(map[string][]UploadFile, len(files))
	for _, f := range files {
		sent[f.OriginalName] = append(sent[f.OriginalName], f)
	}
	for name, same := range sent {
		if _, taken := files[name]; !taken && len(same) == 1 {
			files[name] = same[0]
		}
	}
}

// arrivedFiles returns the files of a session that have come in completely, by name.
func (s *Service) arrivedFiles(ctx context.Context, store Store, session uuid.UUID) (map[string]UploadFile, error) {
	list, err := store.UploadFiles(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("read the files of upload session %s: %w", session, err)
	}
	files := make(map[string]UploadFile, len(list))
	for _, f := range list {
		if f.arrived() {
			files[f.Name] = f
		}
	}
	addOriginalNames(files)
	return files, nil
}

func (s *Service) newBatch(ctx context.Context, req Request, content []byte) Batch {
	digest := sha256.Sum256(content)
	now := s.moment()
	return Batch{
		ID:         s.newID(),
		Author:     audit.OriginFrom(ctx).Actor,
		SessionID:  req.SessionID,
		FileName:   storedFileName(req.FileName),
		FileSHA256: hex.EncodeToString(digest[:]),
		OnError:    req.OnError,
		State:      BatchRunning,
		LeaseUntil: now.Add(leaseTerm),
		StartedAt:  now,
	}
}

// storedFileName returns the CSV file's name as a batch shows it: a label only, so that nothing is refused for it.
func storedFileName(name string) string {
	name = strings.ToValidUTF8(name, "\ufffd")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
	return string([]rune(name)[:min(len([]rune(name)), maxFileNameRunes)])
}

// place gives each row the id of the speech that it may create, and its recording's final place. A recording that has
// been uploaded to where it belongs stays there, and gives the speech its id.
func (im *run) place() {
	for i := range im.rows {
		r := &im.rows[i]
		r.speechID = im.newID()
		r.key = finalKey(r.level, r.speechID, r.file.Ext)
		if inPlace := finalKey(r.level, r.file.ID, r.file.Ext); r.file.Key == inPlace {
			r.speechID, r.key = r.file.ID, inPlace
		}
	}
}

// claim takes the session and writes down what is going to be copied, before anything is.
func (im *run) claim(ctx context.Context) error {
	items := make([]Item, len(im.rows))
	for i, r := range im.rows {
		items[i] = Item{Row: r.number, SpeechID: r.speechID, Key: r.key, Outcome: Planned}
	}
	err := im.store.InTx(ctx, func(tx Store) error {
		if err := im.move(ctx, tx, im.batch.SessionID, SessionImporting); err != nil {
			return err
		}
		if err := im.checkUnmoved(ctx, tx); err != nil {
			return err
		}
		return tx.InsertBatch(ctx, im.batch, items)
	})
	if err != nil {
		return fmt.Errorf("begin import batch %s: %w", im.batch.ID, err)
	}
	return nil
}

// checkUnmoved returns fault.Conflict if another import has used up one of the recordings since the rows were judged.
func (im *run) checkUnmoved(ctx context.Context, tx Store) error {
	files, err := im.arrivedFiles(ctx, tx, im.batch.SessionID)
	if err != nil {
		return err
	}
	for _, r := range im.rows {
		if files[r.file.Name].ID != r.file.ID {
			return fault.Conflict("Audio file '%s' has been used by another import meanwhile", catalog.Shown(r.file.Name)).WithCode("upload_session_busy")
		}
	}
	return nil
}

// carryOut copies the recordings of new speeches and then writes everything in one transaction, while the batch's lease
// is kept alive.
func (im *run) carryOut(ctx context.Context) error {
	leased, stop := im.keepLease(ctx, im.batch.ID)
	defer stop()
	live, err := liveLike(ctx, im.store, im.rows)
	if err != nil {
		return fmt.Errorf("look for speeches that are there already: %w", err)
	}
	missing := created(settle(im.rows, live))
	for range maxCommits {
		if err := im.copyAll(leased, missing); err != nil {
			return err
		}
		// Not with the leased context: the lease ends when the batch does, which must not disturb the commit.
		if missing, err = im.commit(ctx); err != nil || len(missing) == 0 {
			return err
		}
	}
	return fault.Conflict("Speeches that equal rows of the file are being deleted at the same time; try again").WithCode("catalogue_busy")
}

// report says what the import has done.
func (im *run) report() Report {
	r := Report{
		BatchID:        im.batch.ID,
		UnchangedCount: im.result.batch.Unchanged,
		SuccessCount:   im.result.batch.Created,
		ErrorCount:     im.result.batch.Rejected,
		Created:        []CreatedSpeech{},
		Errors:         im.errs,
		Warnings:       im.warned,
	}
	for _, f := range created(im.result.fates) {
		r.Created = append(r.Created, CreatedSpeech{Row: f.number, SpeechID: f.speechID, Text: f.text})
	}
	return r
}
