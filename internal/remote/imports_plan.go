package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
)

type recordingRequest struct {
	Name      string        `json:"name"`
	SizeBytes int64         `json:"size_bytes"`
	SHA256    string        `json:"sha256"`
	Ext       string        `json:"ext"`
	Wrong     string        `json:"wrong"`
	Sound     *soundRequest `json:"sound"`
}

type soundRequest struct {
	Format          string  `json:"format"`
	Codec           string  `json:"codec"`
	SampleRate      int     `json:"sample_rate"`
	Channels        int     `json:"channels"`
	BitRate         int     `json:"bit_rate"`
	DurationSeconds float64 `json:"duration_seconds"`
	Unheard         string  `json:"unheard"`
	SpeechDBFS      float64 `json:"speech_dbfs"`
	PeakDBFS        float64 `json:"peak_dbfs"`
	ClippedShare    float64 `json:"clipped_share"`
	LeadingSeconds  float64 `json:"leading_seconds"`
	TrailingSeconds float64 `json:"trailing_seconds"`
	SoundingSeconds float64 `json:"sounding_seconds"`
}

func newRecording(f importing.LocalFile) recordingRequest {
	r := recordingRequest{Name: f.Name, SizeBytes: f.Size, SHA256: f.SHA256, Ext: f.Ext, Wrong: f.Wrong}
	if s := f.Sound; s != nil {
		r.Sound = &soundRequest{
			Format: s.Format, Codec: s.Codec, SampleRate: s.SampleRate, Channels: s.Channels, BitRate: s.BitRate,
			DurationSeconds: s.Duration.Seconds(), Unheard: s.Unheard, SpeechDBFS: s.Speech, PeakDBFS: s.Peak, ClippedShare: s.Clipped,
			LeadingSeconds: s.Leading.Seconds(), TrailingSeconds: s.Trailing.Seconds(), SoundingSeconds: s.Sounding.Seconds(),
		}
	}
	return r
}

type rowErrorAnswer struct {
	Row     int    `json:"row"`
	Line    int    `json:"line"`
	Field   string `json:"field"`
	Message string `json:"error"`
}

func (a rowErrorAnswer) rowError() importing.RowError { return importing.RowError(a) }

type rowWarningAnswer struct {
	Row     int    `json:"row"`
	Line    int    `json:"line"`
	Code    string `json:"code"`
	Message string `json:"warning"`
}

func (a rowWarningAnswer) rowWarning() importing.RowWarning { return importing.RowWarning(a) }

type planErrorAnswer struct {
	rowErrorAnswer
	Value string `json:"value"`
}

type planWarningAnswer struct {
	rowWarningAnswer
	Value string `json:"value"`
}

type newTagAnswer struct {
	Name       string `json:"name"`
	DidYouMean string `json:"did_you_mean"` // null is none
}

type plannedAnswer struct {
	Name  string        `json:"name"`
	Level catalog.Level `json:"level"`
}

type planAnswer struct {
	Rows      int                 `json:"rows"`
	New       int                 `json:"new"`
	Unchanged int                 `json:"unchanged"`
	Completed int                 `json:"completed"`
	Rejected  int                 `json:"rejected"`
	Errors    []planErrorAnswer   `json:"errors"`
	Warnings  []planWarningAnswer `json:"warnings"`
	Missing   []string            `json:"missing_audio"`
	NewTags   []newTagAnswer      `json:"new_tags"`
	Upload    []plannedAnswer     `json:"upload"`
	Known     []plannedAnswer     `json:"known"`
}

// planSize is far above the plan of 50,000 rows, in bytes.
const planSize = 256 << 20

// Plan is importing.Service.Plan.
func (s *Imports) Plan(ctx context.Context, r importing.PlanRequest) (importing.Plan, error) {
	form := importForm{file: r.Content, fileName: "file"}
	form.add("strict", strconv.FormatBool(r.Strict))
	if err := form.addRecordings("recordings", r.Recordings); err != nil {
		return importing.Plan{}, err
	}
	body, err := form.body()
	if err != nil {
		return importing.Plan{}, err
	}
	var answer planAnswer
	err = s.client.do(ctx, call{
		method: http.MethodPost, path: "/admin/import/plan", body: body, time: importTime, most: planSize, harmless: true,
	}, &answer)
	if err != nil {
		return importing.Plan{}, err
	}
	return answer.plan(r.Recordings)
}

// plan returns the plan with the recordings as whoever asked has described them.
func (a planAnswer) plan(recordings []importing.LocalFile) (importing.Plan, error) {
	described := make(map[string]importing.LocalFile, len(recordings))
	for _, f := range recordings {
		described[f.Name] = f
	}
	p := importing.Plan{
		Rows: a.Rows, New: a.New, Unchanged: a.Unchanged, Completed: a.Completed, Rejected: a.Rejected, Missing: a.Missing,
		Errors: each(a.Errors, func(e planErrorAnswer) importing.PlanError {
			return importing.PlanError{RowError: e.rowError(), Value: e.Value}
		}),
		Warnings: each(a.Warnings, func(w planWarningAnswer) importing.PlanWarning {
			return importing.PlanWarning{RowWarning: w.rowWarning(), Value: w.Value}
		}),
		NewTags: each(a.NewTags, func(t newTagAnswer) importing.NewTag { return importing.NewTag(t) }),
	}
	var err error
	if p.Upload, err = planned(a.Upload, described); err != nil {
		return importing.Plan{}, err
	}
	p.Known, err = planned(a.Known, described)
	return p, err
}

func planned(answers []plannedAnswer, described map[string]importing.LocalFile) ([]importing.PlannedFile, error) {
	files := make([]importing.PlannedFile, len(answers))
	for i, a := range answers {
		file, known := described[a.Name]
		if !known { // it would be a file that nobody has offered to send
			return nil, fmt.Errorf("the server's plan has a recording %q, which it was not told of", shown(a.Name))
		}
		files[i] = importing.PlannedFile{LocalFile: file, Level: a.Level}
	}
	return files, nil
}

// importForm is what is sent with the file that is to be imported.
type importForm struct {
	file     []byte
	fileName string
	fields   [][2]string
}

func (f *importForm) add(name, text string) { f.fields = append(f.fields, [2]string{name, text}) }

func (f *importForm) addRecordings(name string, files []importing.LocalFile) error {
	encoded, err := json.Marshal(each(files, newRecording))
	if err != nil {
		return fmt.Errorf("describe the recordings: %w", err)
	}
	f.add(name, string(encoded))
	return nil
}

// body is the form as a request carries it, as often as it has to be sent.
func (f *importForm) body() (func() (*body, error), error) {
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	for _, field := range f.fields {
		if err := w.WriteField(field[0], field[1]); err != nil {
			return nil, err
		}
	}
	part, err := w.CreateFormFile("file", f.fileName)
	if err != nil {
		return nil, err
	}
	if _, err := part.Write(f.file); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return func() (*body, error) {
		return &body{content: buffer.Bytes(), contentType: w.FormDataContentType(), large: true}, nil
	}, nil
}
