package adminweb

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	// maxUpload lets 500 recordings of 10 MiB and a file of sentences through, with what multipart puts around them.
	maxUpload = 5100 << 20
	// maxLines is how much of a long list a plan shows; the file of the rejected rows has all of them.
	maxLines = 200
)

// planPath is where the plan of an upload session is shown.
func planPath(session uuid.UUID) string { return "/admin/imports/plan/" + session.String() }

func (p *Panel) newImport(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, http.StatusOK, page{Name: "import_new", Title: "New import", Section: "imports", Data: planPage{Action: "/admin/imports"}})
}

func (p *Panel) uploadImport(w http.ResponseWriter, r *http.Request) error {
	return p.upload(w, r, nil)
}

// uploadMore adds recordings to a session, or gives it another file of sentences.
func (p *Panel) uploadMore(w http.ResponseWriter, r *http.Request) error {
	session, err := pathID(r, "upload_session_id", "import")
	if err != nil {
		return err
	}
	return p.upload(w, r, &session)
}

// upload passes the recordings on while they arrive, and keeps the file of sentences.
func (p *Panel) upload(w http.ResponseWriter, r *http.Request, session *uuid.UUID) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	parts, err := r.MultipartReader()
	if err != nil {
		return brokenForm(err)
	}
	in := &incoming{parts: parts}
	id, refused, err := p.receive(r, in, session)
	wrong, err := mendable(err)
	if err != nil {
		return err
	}
	if wrong != nil {
		view := planPage{Action: "/admin/imports", Problems: wrong}
		if session != nil {
			view.Action = planPath(*session)
		}
		return p.render(w, r, http.StatusBadRequest, page{Name: "import_new", Title: "New import", Section: "imports", Data: view})
	}
	if len(refused) > 0 { // nobody keeps what is wrong with them: it is said now
		return p.plan(w, r, http.StatusUnprocessableEntity, id, planPage{Refused: refused})
	}
	http.Redirect(w, r, planPath(id), http.StatusSeeOther)
	return nil
}

// receive stores what a form brings, and returns the session where it is, and the recordings that cannot be used.
func (p *Panel) receive(r *http.Request, in *incoming, session *uuid.UUID) (uuid.UUID, []importing.RefusedFile, error) {
	if err := in.start(); err != nil {
		return uuid.Nil, nil, err
	}
	if in.sheet == nil && session == nil {
		return uuid.Nil, nil, fault.Invalid("file", "choose the file with the sentences")
	}
	var refused []importing.RefusedFile
	if in.first != nil {
		uploaded, err := p.imports.UploadGood(r.Context(), session, in.next)
		if err != nil {
			return uuid.Nil, nil, err
		}
		refused = uploaded.Refused
		if len(uploaded.Files) > 0 {
			session = &uploaded.Session.ID
		}
	}
	if session == nil {
		opened, err := p.imports.Open(r.Context())
		if err != nil {
			return uuid.Nil, nil, err
		}
		session = &opened.ID
	}
	if in.sheet == nil {
		return *session, refused, nil
	}
	return *session, refused, p.imports.KeepSheet(r.Context(), *session, *in.sheet)
}

// incoming hands out the recordings of a form one by one; the file of sentences stands before them.
type incoming struct {
	parts *multipart.Reader
	sheet *importing.Sheet
	first *multipart.Part // the recording that start came across
}

// start reads up to the first recording.
func (in *incoming) start() error {
	for {
		part, err := in.part()
		if errors.Is(err, errNoMore) {
			return nil
		}
		if err != nil {
			return err
		}
		if part.FormName() == "audio" {
			in.first = part
			return nil
		}
		content, err := io.ReadAll(io.LimitReader(part, importing.MaxCSVBytes+1))
		if err != nil {
			return brokenForm(err)
		}
		in.sheet = &importing.Sheet{FileName: fileNameOf(part), Content: content}
	}
}

// errNoMore is the end of a form. It is no io.EOF, which also comes wrapped from a body that broke off.
var errNoMore = errors.New("there are no more parts")

// part returns the next part that is a file: one that was chosen.
func (in *incoming) part() (*multipart.Part, error) {
	for {
		part, err := in.parts.NextRawPart()
		if err == io.EOF { // not errors.Is: a wrapped one is a body that broke off
			return nil, errNoMore
		}
		if err != nil {
			return nil, brokenForm(err)
		}
		if fileNameOf(part) != "" && (part.FormName() == "audio" || part.FormName() == "file") {
			return part, nil
		}
	}
}

// next has the shape that the service asks for: the next recording, or io.EOF after the last one.
func (in *incoming) next() (importing.IncomingFile, error) {
	part := in.first
	if in.first = nil; part == nil {
		var err error
		if part, err = in.part(); errors.Is(err, errNoMore) {
			return importing.IncomingFile{}, io.EOF
		} else if err != nil {
			return importing.IncomingFile{}, err
		}
	}
	if part.FormName() == "file" {
		return importing.IncomingFile{}, fault.Invalid("file", "the file with the sentences must stand before the recordings")
	}
	return importing.IncomingFile{Name: fileNameOf(part), Content: arriving{part}}, nil
}

// arriving is a recording on its way. What goes wrong with it is the sender's fault or the connection's, and says so.
type arriving struct{ part *multipart.Part }

func (a arriving) Read(b []byte) (int, error) {
	n, err := a.part.Read(b)
	if err == nil || err == io.EOF { //nolint:errorlint // as in part
		return n, err
	}
	return n, brokenForm(err)
}

// fileNameOf is the name of a file without any folder; a folder that was chosen comes with one.
func fileNameOf(part *multipart.Part) string {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || params["filename"] == "" {
		return ""
	}
	return path.Base(params["filename"])
}

// planPage is what an import would do.
type planPage struct {
	importing.Prepared
	Action, Rejected           string
	Apply, Discard             string
	CanAll, CanSome            bool
	Columns                    []column
	Errors, Warnings, NewTags  [][]cell
	TagColumns, WarningColumns []column
	MoreErrors, MoreWarnings   int
	Unusable                   string
	Problems                   problems
	// Refused are the recordings that have just been sent and cannot be used.
	Refused []importing.RefusedFile
}

func (p *Panel) showPlan(w http.ResponseWriter, r *http.Request) error {
	return p.planAgain(w, r, http.StatusOK, nil)
}

// planAgain shows the plan with what is wrong with it.
func (p *Panel) planAgain(w http.ResponseWriter, r *http.Request, status int, wrong problems) error {
	session, err := pathID(r, "upload_session_id", "import")
	if err != nil {
		return err
	}
	return p.plan(w, r, status, session, planPage{Problems: wrong})
}

// plan shows the plan of a session, with what view has of it already.
func (p *Panel) plan(w http.ResponseWriter, r *http.Request, status int, session uuid.UUID, view planPage) error {
	prepared, err := p.imports.Prepare(r.Context(), session)
	here := planPath(session)
	view.Prepared, view.Action, view.Apply, view.Discard = prepared, here, here+"/apply", here+"/discard"
	view.Columns, view.WarningColumns = titles("Row", "Line", "Column", "Value", "What is wrong"), titles("Row", "Recording", "Listen to it")
	view.TagColumns = titles("New tag", "Did you mean")
	if f, ok := fault.As(err); ok && (f.Kind == fault.KindInvalid || f.Kind == fault.KindTooLarge) {
		view.Unusable = capital(sentence(f)) // the file is none of ours: another one may be
		return p.render(w, r, status, page{Name: "import_plan", Title: "Import plan", Section: "imports", Data: view})
	}
	if err != nil {
		return err
	}
	view.fill()
	return p.render(w, r, status, page{Name: "import_plan", Title: "Import plan", Section: "imports", Data: view})
}

func (v *planPage) fill() {
	v.CanAll = v.Plan.Rejected == 0
	v.CanSome = v.Plan.Rejected > 0 && v.Plan.Rejected < v.Rows
	if v.Plan.Rejected > 0 {
		v.Rejected = v.Action + "/rejected.csv"
	}
	for _, e := range v.Plan.Errors[:min(maxLines, len(v.Plan.Errors))] {
		v.Errors = append(v.Errors, []cell{number(e.Row), number(e.Line), text(e.Field), text(e.Value), text(e.Message)})
	}
	v.MoreErrors = len(v.Plan.Errors) - len(v.Errors)
	for _, warned := range v.Plan.Warnings[:min(maxLines, len(v.Plan.Warnings))] {
		v.Warnings = append(v.Warnings, []cell{number(warned.Row), text(warned.Value), text(warned.Message)})
	}
	v.MoreWarnings = len(v.Plan.Warnings) - len(v.Warnings)
	for _, t := range v.Plan.NewTags[:min(maxLines, len(v.Plan.NewTags))] {
		v.NewTags = append(v.NewTags, []cell{text(t.Name), text(t.DidYouMean)})
	}
}

func (p *Panel) downloadRejected(w http.ResponseWriter, r *http.Request) error {
	session, err := pathID(r, "upload_session_id", "import")
	if err != nil {
		return err
	}
	rejected, err := p.imports.RejectedRows(r.Context(), session)
	if err != nil {
		return err
	}
	if rejected.Content == nil {
		return fault.NotFound("no row is rejected")
	}
	return sendSheet(w, rejected)
}

// downloadSkipped sends the rows that an import has skipped, whoever has made it.
func (p *Panel) downloadSkipped(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "batch_id", "import")
	if err != nil {
		return err
	}
	skipped, err := p.imports.BatchRejects(r.Context(), id)
	if err != nil {
		return err
	}
	return sendSheet(w, skipped)
}

func sendSheet(w http.ResponseWriter, rejected importing.Sheet) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": rejected.FileName}))
	w.Header().Set("Content-Length", strconv.Itoa(len(rejected.Content)))
	_, _ = w.Write(rejected.Content)
	return nil
}

func (p *Panel) discardImport(w http.ResponseWriter, r *http.Request) error {
	session, err := pathID(r, "upload_session_id", "import")
	if err != nil {
		return err
	}
	if err := p.imports.Discard(r.Context(), session); err != nil {
		return err
	}
	return done(w, r, "/admin/imports", "discarded")
}
