package importing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
)

// fate is what becomes of a row.
type fate struct {
	row
	outcome Outcome
	// speech is the speech that the row creates or equals.
	speech uuid.UUID
}

// settle decides which rows create a speech and which equal one: a live speech, the oldest if there are several, or
// the speech of an earlier row.
func settle(rows []row, live []catalog.Speech) []fate {
	live = slices.SortedFunc(slices.Values(live), func(a, b catalog.Speech) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), slices.Compare(a.ID[:], b.ID[:]))
	})
	known := make(map[identity]uuid.UUID, len(live)+len(rows))
	for _, s := range live {
		id := identity{s.Text, s.Level, s.Type, s.AudioSHA256}
		if _, older := known[id]; !older {
			known[id] = s.ID
		}
	}
	fates := make([]fate, len(rows))
	for i, r := range rows {
		speech, equal := known[r.identity()]
		if equal {
			fates[i] = fate{r, Unchanged, speech}
			continue
		}
		known[r.identity()] = r.speechID
		fates[i] = fate{r, Created, r.speechID}
	}
	return fates
}

// created returns the rows that create a speech.
func created(fates []fate) []row {
	var rows []row
	for _, f := range fates {
		if f.outcome == Created {
			rows = append(rows, f.row)
		}
	}
	return rows
}

// result is what a transaction has done.
type result struct {
	batch Batch
	fates []fate
	// sessionUsed says that the upload session is used up; otherwise it is open again, for the files that are left.
	sessionUsed bool
}

// errNotCopied rolls the transaction back: a row creates a speech, but its recording has not been copied.
var errNotCopied = errors.New("a recording has not been copied")

// commit writes everything in one transaction. If it returns rows, it has written nothing, because a speech that they
// were equal to has gone: their recordings have to be copied first.
func (im *run) commit(ctx context.Context) (missing []row, err error) {
	err = im.store.InTx(ctx, func(tx Store) error {
		// First, so that no other writer changes the catalogue from here on.
		if err := tx.Catalog().BumpVersion(ctx); err != nil {
			return err
		}
		live, err := liveLike(ctx, tx, im.rows)
		if err != nil {
			return err
		}
		fates := settle(im.rows, live)
		missing = slices.DeleteFunc(created(fates), func(r row) bool { return r.inPlace() || im.copied[r.key] })
		if len(missing) > 0 {
			return errNotCopied
		}
		im.result, err = im.apply(ctx, tx, fates)
		return err
	})
	switch {
	case errors.Is(err, errNotCopied):
		return missing, nil
	case err != nil:
		return nil, fmt.Errorf("write the import: %w", err)
	}
	return nil, nil
}

// apply writes what was decided, if the batch is still ours.
func (im *run) apply(ctx context.Context, tx Store, fates []fate) (result, error) {
	done := im.batch
	now := im.moment()
	done.State, done.FinishedAt = BatchDone, &now
	done.Created = len(created(fates))
	done.Unchanged = len(fates) - done.Created
	running, err := tx.FinishBatch(ctx, done)
	if err != nil {
		return result{}, err
	}
	if !running {
		return result{}, errTakenForDead
	}
	newTags, err := im.writeContent(ctx, tx, fates)
	if err != nil {
		return result{}, err
	}
	if _, err := tx.DeleteUploadFiles(ctx, adopted(fates)); err != nil { // their objects are the speeches' from here on
		return result{}, err
	}
	if err := tx.SetOutcomes(ctx, done.ID, items(fates)); err != nil {
		return result{}, err
	}
	if im.rejected.Content != nil {
		if err := tx.InsertRejects(ctx, done.ID, im.rejected); err != nil {
			return result{}, err
		}
	}
	used, err := im.leaveSession(ctx, tx, fates)
	if err != nil {
		return result{}, err
	}
	err = im.record(ctx, tx, "import.apply", done.ID, audit.Diff(nil, map[string]any{
		"file": done.FileName, "created": done.Created, "unchanged": done.Unchanged, "rejected": done.Rejected, "new_tags": newTags,
	}))
	return result{done, fates, used}, err
}

func items(fates []fate) []Item {
	items := make([]Item, len(fates))
	for i, f := range fates {
		items[i] = Item{Row: f.number, SpeechID: f.speech, Key: f.key, Outcome: f.outcome}
	}
	return items
}

// writeContent writes tags, speeches and links, and returns the names of the tags that are new, separated by commas.
func (im *run) writeContent(ctx context.Context, tx Store, fates []fate) (newTags string, err error) {
	tags, newTags, err := im.ensureTags(ctx, tx)
	if err != nil {
		return "", err
	}
	var speeches []catalog.Speech
	var links []TagLink
	for _, f := range fates {
		if f.outcome == Created {
			speeches = append(speeches, im.newSpeech(f.row, tags))
			continue
		}
		for _, name := range f.tags {
			links = append(links, TagLink{SpeechID: f.speech, TagID: tags[catalog.FoldName(name)].ID})
		}
	}
	if len(speeches) > 0 {
		if err := tx.Catalog().InsertSpeeches(ctx, speeches); err != nil {
			return "", err
		}
	}
	if len(links) > 0 { // after the speeches: a row may equal an earlier row
		if _, err := tx.AddTags(ctx, links); err != nil {
			return "", err
		}
	}
	return newTags, nil
}

// ensureTags returns the tags of all rows by folded name.
func (im *run) ensureTags(ctx context.Context, tx Store) (tags map[string]catalog.Tag, newNames string, err error) {
	var wanted []catalog.Tag
	own := map[uuid.UUID]bool{}
	seen := map[string]bool{}
	for _, r := range im.rows {
		for _, name := range r.tags {
			if folded := catalog.FoldName(name); !seen[folded] {
				seen[folded] = true
				tag := catalog.Tag{ID: im.newID(), Name: name, CreatedAt: im.moment()}
				own[tag.ID] = true
				wanted = append(wanted, tag)
			}
		}
	}
	if len(wanted) == 0 {
		return nil, "", nil
	}
	tags, err = tx.Catalog().EnsureTags(ctx, wanted)
	if err != nil {
		return nil, "", err
	}
	var names []string
	for _, tag := range tags {
		if own[tag.ID] {
			names = append(names, tag.Name)
		}
	}
	slices.Sort(names)
	return tags, strings.Join(names, ", "), nil
}

func (im *run) newSpeech(r row, tags map[string]catalog.Tag) catalog.Speech {
	now := im.moment()
	speech := catalog.Speech{
		ID: r.speechID, Audio: r.key, AudioSHA256: r.file.SHA256, Text: r.text, Level: r.level, Type: r.typ,
		CreatedAt: now, UpdatedAt: now, BatchID: &im.batch.ID,
	}
	for _, name := range r.tags {
		tag := tags[catalog.FoldName(name)]
		speech.Tags = append(speech.Tags, catalog.TagRef{ID: tag.ID, Name: tag.Name})
	}
	return speech
}

// adopted are the uploaded files whose objects become the recordings of speeches as they are.
func adopted(fates []fate) []uuid.UUID {
	var ids []uuid.UUID
	for _, r := range created(fates) {
		if r.inPlace() {
			ids = append(ids, r.file.ID)
		}
	}
	return ids
}

// leaveSession gives the session up: for good, or, where on_error=skip leaves files unused, open for those. The used
// files' names stay reserved then until their objects are gone (see tidy).
func (im *run) leaveSession(ctx context.Context, tx Store, fates []fate) (used bool, err error) {
	next := SessionUsed
	spent := spentFiles(fates)
	if im.batch.OnError == Skip {
		files, err := tx.UploadFiles(ctx, im.batch.SessionID)
		if err != nil {
			return false, err
		}
		if len(files) > len(spent) { // each uploaded row has a file of its own
			next = SessionOpen
		}
	}
	if next == SessionOpen {
		if err := im.reserve(ctx, tx, spent); err != nil {
			return false, err
		}
	}
	// That it is ours follows from the batch, which was running: both change hands in one transaction only.
	_, err = tx.MoveUploadSession(ctx, im.batch.SessionID, SessionImporting, next)
	return next == SessionUsed, err
}

// reserve turns the records of files into reservations.
func (im *run) reserve(ctx context.Context, tx Store, files []UploadFile) error {
	if _, err := tx.DeleteUploadFiles(ctx, fileIDs(files)); err != nil {
		return err
	}
	reserved := make([]UploadFile, len(files))
	for i, f := range files {
		reserved[i] = f.reservation()
	}
	return tx.InsertUploadFiles(ctx, reserved)
}

// spentFiles are the uploaded recordings of the rows that have no further use: they were copied, or were there before.
func spentFiles(fates []fate) []UploadFile {
	files := make([]UploadFile, 0, len(fates))
	for _, f := range fates {
		if f.uploaded() && (f.outcome != Created || !f.inPlace()) {
			files = append(files, f.file)
		}
	}
	return files
}
