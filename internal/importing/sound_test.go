package importing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// sounding is a recording of a sentence that is said in 2.5 s, with one thing changed.
func sounding(name string, change func(*importing.Sound)) importing.LocalFile {
	sound := good
	change(&sound)
	return importing.LocalFile{Name: name, Size: 10, SHA256: digest(name), Ext: ".mp3", Sound: &sound}
}

// TestWarnings: what can be played but should be listened to.
func TestWarnings(t *testing.T) {
	const text = "What is your name?"
	for name, tt := range map[string]struct {
		text   string
		change func(*importing.Sound)
		want   string
	}{
		"a good one":                  {text, func(*importing.Sound) {}, ""},
		"shorter than 0.3 s":          {"Yes.", func(s *importing.Sound) { s.Duration = 299 * time.Millisecond }, "too_short: 'a.mp3' lasts only 0.3 s"},
		"0.3 s":                       {"Yes.", func(s *importing.Sound) { s.Duration = 300 * time.Millisecond }, ""},
		"30 s":                        {text, func(s *importing.Sound) { s.Duration = 30 * time.Second }, ""},
		"longer than 30 s":            {text, func(s *importing.Sound) { s.Duration = 31 * time.Second }, "too_long: 'a.mp3' lasts 31.0 s, more than 30.0 s"},
		"as on a telephone":           {text, func(s *importing.Sound) { s.SampleRate = 8000 }, "low_sample_rate: 'a.mp3' has a sample rate of 8000 Hz, as on a telephone; from 16000 Hz on it is clear"},
		"16 kHz":                      {text, func(s *importing.Sound) { s.SampleRate = 16_000 }, ""},
		"few bits":                    {text, func(s *importing.Sound) { s.BitRate = 16_000 }, "low_bit_rate: 'a.mp3' has 16 kbit/s; from 24 on it is clear"},
		"few bits of a WAV":           {text, func(s *importing.Sound) { s.Format, s.BitRate = "WAV", 16_000 }, ""},
		"surround":                    {text, func(s *importing.Sound) { s.Channels = 6 }, "many_channels: 'a.mp3' has 6 channels; one or two are enough"},
		"stereo":                      {text, func(s *importing.Sound) { s.Channels = 2 }, ""},
		"very quiet":                  {text, func(s *importing.Sound) { s.Speech = -52.3 }, "quiet: 'a.mp3' is very quiet: -52 dBFS, where about -20 is usual"},
		"quiet, but not very":         {text, func(s *importing.Sound) { s.Speech = -39.9 }, ""},
		"clipped":                     {text, func(s *importing.Sound) { s.Clipped = 0.0234 }, "clipped: 'a.mp3' is clipped: 2.3 % of it is at full scale, which crackles"},
		"a few samples at full scale": {text, func(s *importing.Sound) { s.Clipped = 0.0009 }, ""},
		"silence before":              {text, func(s *importing.Sound) { s.Leading = 2100 * time.Millisecond }, "leading_silence: 'a.mp3' begins with 2.1 s of silence"},
		"silence after":               {text, func(s *importing.Sound) { s.Trailing = 4 * time.Second }, "trailing_silence: 'a.mp3' ends with 4.0 s of silence"},
		"2 s of silence at both ends": {text, func(s *importing.Sound) { s.Leading, s.Trailing = 2*time.Second, 2*time.Second }, ""},
		"nobody speaks so fast":       {strings.Repeat("word ", 20), func(s *importing.Sound) { s.Sounding = time.Second }, "too_fast: 'a.mp3' speaks for 1.0 s, too short for its text of 80 letters"},
		"somebody may":                {strings.Repeat("word ", 20), func(s *importing.Sound) { s.Sounding = 3200 * time.Millisecond }, ""},
		"digits are long when said":   {"1234567890", func(s *importing.Sound) { s.Sounding = 1500 * time.Millisecond }, "too_fast: 'a.mp3' speaks for 1.5 s, too short for its text of 40 letters"},
		"a short text proves nothing": {"Yes, I do.", func(s *importing.Sound) { s.Sounding = 100 * time.Millisecond }, ""},
		"nobody speaks so slowly":     {text, func(s *importing.Sound) { s.Sounding = 6 * time.Second }, "too_slow: 'a.mp3' speaks for 6.0 s, too long for its text of 14 letters"},
		"a learner may":               {text, func(s *importing.Sound) { s.Sounding = 3900 * time.Millisecond }, ""},
		"what cannot be decoded here": {text, func(s *importing.Sound) { s.Unheard, s.Speech, s.Sounding = "it is ALAC", 0, 0 }, "not_checked: 'a.mp3' could not be listened to: it is ALAC"},
		"of which nothing is known":   {text, func(s *importing.Sound) { *s = importing.Sound{Unheard: "it is ALAC"} }, "not_checked: 'a.mp3' could not be listened to: it is ALAC"},
		"not decoded, but far too short": {strings.Repeat("word ", 40), func(s *importing.Sound) { s.Unheard, s.Sounding = "it is ALAC", 0 }, "not_checked: 'a.mp3' could not be listened to: it is ALAC" +
			"\ntoo_fast: 'a.mp3' speaks for 3.0 s, too short for its text of 160 letters"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			plan := w.plan(t, []importing.LocalFile{sounding("a.mp3", tt.change)}, "a.mp3,"+`"`+tt.text+`",A1,,`)
			if plan.New != 1 || plan.Rejected != 0 {
				t.Errorf("the plan is %+v: a warning is no error", plan)
			}
			var got []string
			for _, warning := range plan.Warnings {
				got = append(got, warning.Code+": "+warning.Message)
				if warning.Row != 1 || warning.Line != 2 || warning.Value != "a.mp3" {
					t.Errorf("it is about row %d, line %d, %q", warning.Row, warning.Line, warning.Value)
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("the warnings differ (-want +got):\n%s", diff)
			}
		})
	}
}

// codes are the warnings of a plan as "row:code".
func codes(plan importing.Plan) string {
	var list []string
	for _, w := range plan.Warnings {
		list = append(list, string(rune('0'+w.Row))+":"+w.Code)
	}
	return strings.Join(list, " ")
}

func TestOneRecordingUnderTwoTexts(t *testing.T) {
	w := newWorld(t)
	if _, err := w.importCSV(t, w.upload(t, "old.mp3"), importing.Abort, "old.mp3,Old one,A1,,"); err != nil {
		t.Fatal(err)
	}
	twin := func(name, of string) importing.LocalFile {
		return importing.LocalFile{Name: name, Size: 1, SHA256: digest("mp3:" + of), Ext: ".mp3"}
	}
	plan := w.plan(t, []importing.LocalFile{twin("a.mp3", "a"), twin("b.mp3", "a"), twin("c.mp3", "a"), twin("d.mp3", "old.mp3"), twin("e.mp3", "old.mp3")},
		"a.mp3,Hi.,A1,,", "b.mp3,Bye.,A1,,", "c.mp3,Hi.,A2,,", "d.mp3,New one,A1,,", "e.mp3,Old one,B1,,")
	if got := codes(plan); got != "2:same_recording 4:same_recording" {
		t.Errorf("warnings = %s", got)
	}
	want := []string{"'b.mp3' is also the recording of row 1: 'Hi.'", "'d.mp3' is also the recording of a sentence in the catalogue: 'Old one'"}
	if diff := cmp.Diff(want, []string{plan.Warnings[0].Message, plan.Warnings[1].Message}); diff != "" {
		t.Errorf("the sentences differ (-want +got):\n%s", diff)
	}
}

func TestStrictRejectsWarnings(t *testing.T) {
	w := newWorld(t)
	quiet := func(s *importing.Sound) { s.Speech, s.Trailing = -50, 3*time.Second }
	files := []importing.LocalFile{sounding("a.mp3", quiet), sounding("b.mp3", func(*importing.Sound) {})}
	request := planRequest(header+"a.mp3,Hi.,A1,,\nb.mp3,Bye.,A1,,\nc.mp3,Gone.,A1,,\n", files)
	request.Strict = true
	plan, err := w.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if plan.New != 1 || plan.Rejected != 2 || len(plan.Warnings) != 0 || names(plan.Upload) != "b.mp3" {
		t.Errorf("the plan is %+v", plan)
	}
	var got []string
	for _, e := range plan.Errors {
		got = append(got, e.Value+" "+e.Field+" "+e.Message)
	}
	want := []string{
		"a.mp3 audio_filename 'a.mp3' is very quiet: -50 dBFS, where about -20 is usual",
		"a.mp3 audio_filename 'a.mp3' ends with 3.0 s of silence",
		"c.mp3 audio_filename Audio file 'c.mp3' not found among the recordings",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the errors differ (-want +got):\n%s", diff)
	}
	wantFault(t, plan.Refusal(importing.Abort), fault.KindUnsuitable)
}

// TestUnchangedRowsAreNotJudgedAgain: what is in the catalogue was listened to when it came.
func TestUnchangedRowsAreNotJudgedAgain(t *testing.T) {
	w := newWorld(t)
	if _, err := w.importCSV(t, w.upload(t, "old.mp3"), importing.Abort, "old.mp3,Old one,A1,,"); err != nil {
		t.Fatal(err)
	}
	old := sounding("old.mp3", func(s *importing.Sound) { s.Speech = -55 })
	old.SHA256 = digest("mp3:old.mp3")
	if plan := w.plan(t, []importing.LocalFile{old}, "old.mp3,Old one,A1,,"); plan.Unchanged != 1 || len(plan.Warnings) != 0 {
		t.Errorf("the plan is %+v", plan)
	}
}

func TestImportWarns(t *testing.T) {
	w := newWorld(t)
	up, err := w.Upload(as(t, "alice"), nil, each(file{"a.mp3", "mp3:quiet"}, file{"b.mp3", "mp3:b"}))
	if err != nil {
		t.Fatal(err)
	}
	strict := request(up.Session.ID, importing.Abort, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,A1,,")
	strict.Strict = true
	_, err = w.ImportCSV(as(t, "alice"), strict)
	wantFault(t, err, fault.KindUnsuitable)
	report, err := w.importCSV(t, up.Session.ID, importing.Abort, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,A1,,")
	if err != nil || report.SuccessCount != 2 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	want := []importing.RowWarning{{Row: 1, Line: 2, Code: "quiet", Message: "'a.mp3' is very quiet: -52 dBFS, where about -20 is usual"}}
	if diff := cmp.Diff(want, report.Warnings); diff != "" {
		t.Errorf("the warnings differ (-want +got):\n%s", diff)
	}
}

// TestWhatCannotBePlayedIsRefused: wherever a recording comes in.
func TestWhatCannotBePlayedIsRefused(t *testing.T) {
	for content, want := range map[string]string{
		"m4a:film": "'a.m4a' cannot be used: it holds a video track",
		"m4a:hush": "'a.m4a' cannot be used: it is silent",
	} {
		t.Run(content, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.Upload(as(t, "alice"), nil, each(file{"a.m4a", content}))
			if f := faultOf(t, err, fault.KindInvalid); f.Code != "unsupported_audio" || f.Fields[0].Message != want {
				t.Errorf("an upload: %v", err)
			}
			got, err := w.Examine(t.Context(), importing.IncomingFile{Name: "a.m4a", Content: strings.NewReader(content)})
			if diff := cmp.Diff(importing.LocalFile{Name: "a.m4a", Wrong: want}, got); err != nil || diff != "" {
				t.Errorf("Examine differs (%v, -want +got):\n%s", err, diff)
			}
			if len(w.store.sessions)+len(w.objects.keys()) != 0 {
				t.Error("something is left of the upload")
			}
		})
	}
}

func TestExamine(t *testing.T) {
	w := newWorld(t)
	in := func() importing.IncomingFile {
		return importing.IncomingFile{Name: "a.mp3", Content: strings.NewReader("mp3:a.mp3")}
	}
	want := w.local(t, "a.mp3")[0]
	want.Sound = &good
	got, err := w.Examine(t.Context(), in())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Examine differs (%v, -want +got):\n%s", err, diff)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Examine(ended, in()); err == nil {
		t.Error("after the end of the context it was examined")
	}
	deaf := importing.NewFiles(importing.FilesConfig{Sniff: sniff})
	if got, err := deaf.Examine(t.Context(), in()); err != nil || got.Sound != nil || got.SHA256 != want.SHA256 {
		t.Errorf("without a decoder: %+v, %v", got, err)
	}
}

// TestWorkbook: a sheet is read by the rules of a CSV file, and its own row numbers are told beside ours.
func TestWorkbook(t *testing.T) {
	w := newWorld(t)
	workbook := func(rows ...string) []byte { return []byte("PK\x03\x04" + strings.Join(rows, "\n")) }
	plan, err := w.Plan(t.Context(), importing.PlanRequest{
		Content:    workbook("", "Text\tLevel\ttags\tAudio_filename", "Hi.\tA1\t\ta.mp3", "", "Bye.\tD1", "Bye.\tA1\tx,y\tb.mp3\tmore"),
		Recordings: w.local(t, "a.mp3", "b.mp3"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Rows != 3 || plan.New != 1 || plan.Rejected != 2 {
		t.Errorf("the plan is %+v", plan)
	}
	var got []string
	for _, e := range plan.Errors {
		got = append(got, strings.Join([]string{string(rune('0' + e.Row)), string(rune('0' + e.Line)), e.Message}, " "))
	}
	want := []string{
		"2 5 The audio_filename is missing", "2 5 Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1",
		"3 6 The row has something in column 5, but the header has only 4 columns",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the errors differ (-want +got):\n%s", diff)
	}
	for name, content := range map[string][]byte{"damaged": workbook("!"), "empty": workbook(""), "an old one": []byte("\xd0\xcf\x11\xe0!")} {
		_, err := w.Plan(t.Context(), importing.PlanRequest{Content: content})
		if f := faultOf(t, err, fault.KindInvalid); f.Fields[0].Name != "file" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if names, err := w.AudioNames(workbook("text\tlevel\taudio_filename", "x\tA1\tb.mp3")); err != nil || strings.Join(names, " ") != "b.mp3" {
		t.Errorf("AudioNames = %v, %v", names, err)
	}
}
