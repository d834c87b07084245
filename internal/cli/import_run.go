package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// An earlier run of the same import that ended without a word is taken to be alive for 15 seconds.
const (
	waitForRun = 20 * time.Second
	askForRun  = time.Second
)

// importRun is one import on its way.
type importRun struct {
	e      *env
	s      services
	o      importOptions
	src    source
	folder folder
	// files are the recordings, as far as they have been looked at.
	files []importing.LocalFile
	// verified are the scores of recordings; nil where none were asked for.
	verified []verifiedItem
}

// run plans, says so, and does what was planned.
func (r *importRun) run(ctx context.Context) error {
	plan, err := r.plan(ctx)
	if err != nil {
		return leaving(ctx, err, nothingChanged)
	}
	out := newImportItem(r.src.path, r.folder.unused, plan)
	out.Plan.Verified = r.verified
	out.Plan.talk(r.e.talk())
	if err := r.writeRejects(plan); err != nil {
		return err
	}
	if r.o.format != "json" {
		if err := printFindings(r.e.Stdout, plan, r.o.format); err != nil {
			return err
		}
	}
	done, err := r.carryOut(ctx, plan)
	if done == nil {
		err = leaving(ctx, err, nothingChanged) // unless it has come so far that it says more itself
	} else {
		out.Result = newImportResult(*done)
		r.e.say(counts(done.SuccessCount, done.UnchangedCount, done.ErrorCount))
		if done.SuccessCount > 0 {
			r.e.sayf("undo it with: englishctl import undo %s\n", done.BatchID)
		}
	}
	if r.o.format == "json" {
		err = errors.Join(err, printJSON(r.e.Stdout, out))
	}
	return err
}

// plan looks at the recordings and has the rows judged. Only recordings of new rows are decoded, which takes long: the
// others were when they came in.
func (r *importRun) plan(ctx context.Context) (importing.Plan, error) {
	names, err := r.s.Imports.AudioNames(r.src.content)
	if err != nil {
		return importing.Plan{}, err
	}
	if r.folder, err = openFolder(r.src.audioDir, names); err != nil {
		return importing.Plan{}, err
	}
	reading := work{doing: "reading", thing: "recording", total: len(r.folder.names)}
	if r.files, err = r.look(ctx, reading, r.folder.names, r.s.Imports.Inspect); err != nil {
		return importing.Plan{}, err
	}
	plan, err := r.judge(ctx)
	if err != nil || plan.New == 0 {
		return plan, err
	}
	if err := r.listen(ctx, plan); err != nil {
		return importing.Plan{}, err
	}
	if plan, err = r.judge(ctx); err != nil {
		return importing.Plan{}, err
	}
	return r.verify(ctx, plan)
}

func (r *importRun) look(
	ctx context.Context, w work, names []string, judge func(context.Context, importing.IncomingFile) (importing.LocalFile, error),
) ([]importing.LocalFile, error) {
	progress := r.e.begin(w)
	defer progress.end()
	return r.folder.look(ctx, names, judge, func(f importing.LocalFile) { progress.advance(1, f.Size) })
}

// listen decodes the recordings of new rows.
func (r *importRun) listen(ctx context.Context, plan importing.Plan) error {
	spelled := r.folder.spelled()
	names := make([]string, len(plan.Upload))
	for i, f := range plan.Upload {
		names[i] = spelled[f.Name]
	}
	heard, err := r.look(ctx, planned("checking", plan), names, r.s.Imports.Examine)
	if err != nil {
		return err
	}
	byName := make(map[string]importing.LocalFile, len(heard))
	for _, f := range heard {
		byName[f.Name] = f
	}
	for i, f := range r.files {
		if better, ok := byName[f.Name]; ok {
			r.files[i] = better
		}
	}
	return nil
}

// planned is work on the recordings of new rows.
func planned(doing string, plan importing.Plan) work {
	w := work{doing: doing, thing: "recording", total: len(plan.Upload)}
	for _, f := range plan.Upload {
		w.bytes += f.Size
	}
	return w
}

func (r *importRun) judge(ctx context.Context) (importing.Plan, error) {
	return r.s.Imports.Plan(ctx, importing.PlanRequest{Content: r.src.content, Recordings: r.files, Strict: r.o.strict})
}

// carryOut does what was planned, unless it was only to be planned or somebody does not want it. It returns nil for
// what was not done. Where there is nothing to do, it does nothing, and the report is of no batch.
func (r *importRun) carryOut(ctx context.Context, plan importing.Plan) (*importing.Report, error) {
	if r.o.dryRun {
		return nil, plan.Refusal(importing.Abort)
	}
	if err := plan.Refusal(r.o.onError()); err != nil {
		return nil, err
	}
	if plan.New+plan.Completed == 0 {
		return &importing.Report{UnchangedCount: plan.Unchanged, ErrorCount: plan.Rejected}, nil
	}
	if plan.New > 0 && isTerminal(r.e.Stdin) {
		if err := r.e.confirm(fmt.Sprintf("Import %s?", counted(plan.New, "sentence")), r.o.yes); err != nil {
			return nil, err
		}
	}
	if err := r.s.PrepareAudio(ctx); err != nil {
		return nil, err
	}
	session, waited, err := r.session(ctx)
	if err != nil {
		return nil, err
	}
	report, err := r.uploadAndImport(ctx, session, plan, waited)
	if err != nil {
		return nil, errors.Join(err, r.s.Imports.Release(ctx, session.ID))
	}
	if r.o.skipInvalid {
		err = r.s.Imports.Discard(ctx, session.ID)
	}
	return &report, err
}

// session finds the upload session of an earlier run of the same import, or opens a new one. It waits for a run that is
// at work, and says whether it did: what was planned may have been done meanwhile.
func (r *importRun) session(ctx context.Context) (session importing.UploadSession, waited bool, err error) {
	digest := sha256.Sum256(r.src.content)
	deadline := time.NewTimer(waitForRun)
	defer deadline.Stop()
	for {
		session, arrived, err := r.s.Imports.Continue(ctx, hex.EncodeToString(digest[:]))
		if err == nil && !r.clean(arrived) {
			if err := r.s.Imports.Discard(ctx, session.ID); err != nil {
				return session, waited, err
			}
			continue // with a new one
		}
		if f, ok := fault.As(err); !ok || f.Code != "upload_session_in_use" {
			if len(arrived) > 0 {
				r.e.sayf("going on with an earlier run: %s in the store already\n", counted(len(arrived), "recording"))
			}
			return session, waited, err
		}
		if !waited {
			r.e.sayf("another run of this import is at work or has just died; waiting for up to %s\n", waitForRun)
			waited = true
		}
		select {
		case <-ctx.Done():
			return session, waited, ctx.Err()
		case <-deadline.C:
			return session, waited, err
		case <-time.After(askForRun):
		}
	}
}

func (r *importRun) uploadAndImport(ctx context.Context, session importing.UploadSession, plan importing.Plan, waited bool) (importing.Report, error) {
	if waited {
		var err error
		if plan, err = r.judge(ctx); err != nil {
			return importing.Report{}, err
		}
	}
	if err := r.upload(ctx, session.ID, plan); err != nil {
		return importing.Report{}, err
	}
	known := make([]importing.LocalFile, len(plan.Known))
	for i, f := range plan.Known {
		known[i] = f.LocalFile
	}
	report, err := r.s.Imports.ImportCSV(ctx, importing.Request{
		SessionID: session.ID, FileName: filepath.Base(r.src.path), Content: bytes.NewReader(r.src.content),
		OnError: r.o.onError(), Strict: r.o.strict, Known: known,
	})
	if exitCode(err) == exitFailed {
		err = r.stopped(ctx, err, "the import was done whole or not at all; the same command goes on from there")
	}
	return report, err
}

// stopped says in which state things are left, whatever stopped the import.
func (r *importRun) stopped(ctx context.Context, err error, state string) error {
	if !interrupts(ctx, err) {
		r.e.warn(state)
	}
	return leaving(ctx, err, state)
}

// upload sends the recordings of new rows. If it breaks off, it says how far it came: the next run goes on from there.
func (r *importRun) upload(ctx context.Context, session uuid.UUID, plan importing.Plan) error {
	spelled := r.folder.spelled()
	files := make([]importing.Outgoing, len(plan.Upload))
	for i, f := range plan.Upload {
		path := filepath.Join(r.folder.dir, spelled[f.Name])
		files[i] = importing.Outgoing{PlannedFile: f, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
	}
	progress := r.e.begin(planned("uploading", plan))
	defer progress.end()
	stored := 0
	err := r.s.Imports.UploadAll(ctx, session, files, func(f importing.PlannedFile) {
		stored++
		progress.advance(1, f.Size)
	})
	if err == nil {
		return nil
	}
	progress.end()
	return r.stopped(ctx, err, fmt.Sprintf(
		"%d of %d recordings are in the store, nothing is in the catalogue; the same command goes on from there", stored, len(files)))
}
