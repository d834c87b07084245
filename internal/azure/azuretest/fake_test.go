package azuretest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// wave is a WAV file of n samples of the value, whose header is that of Microsoft's samples: 46 bytes, the length left open.
func wave(n int, value byte) string {
	const header = "RIFF\xff\xff\xff\xffWAVEfmt \x12\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00\x00\x00data\x00\x00\x00\x00"
	return header + strings.Repeat("\x00"+string(rune(value)), n)
}

// honest is a request that keeps to the protocol.
func honest(wanted, body string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, Path+"?language=en-US&format=detailed", strings.NewReader(body))
	r.Header.Set("Ocp-Apim-Subscription-Key", Key)
	r.Header.Set("Content-Type", "audio/wav; codecs=audio/pcm; samplerate=16000")
	if wanted != "" {
		r.Header.Set("Pronunciation-Assessment", base64.StdEncoding.EncodeToString([]byte(wanted)))
	}
	return r
}

func ask(f *Fake, r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(body)
}

const full = `{"ReferenceText":"Hi there.","GradingSystem":"HundredMark","Dimension":"Comprehensive","EnableMiscue":"True"}`

// TestStrict: whoever leaves the protocol is refused as Azure would refuse them.
func TestStrict(t *testing.T) {
	type r = *http.Request
	good := wave(16_000, 9)
	tests := map[string]struct {
		body   string
		edit   func(r)
		status int
		says   string
	}{
		"honest":             {good, func(r) {}, 200, `"PronScore"`},
		"a bearer":           {good, func(r r) { r.Header.Del("Ocp-Apim-Subscription-Key"); r.Header.Set("Authorization", "Bearer "+Key) }, 200, "Success"},
		"no key":             {good, func(r r) { r.Header.Del("Ocp-Apim-Subscription-Key") }, 403, "missing"},
		"another key":        {good, func(r r) { r.Header.Set("Ocp-Apim-Subscription-Key", "x") }, 401, `"401"`},
		"another path":       {good, func(r r) { r.URL.Path = "/speech" }, 404, ""},
		"another method":     {good, func(r r) { r.Method = http.MethodGet }, 405, ""},
		"no language":        {good, func(r r) { r.URL.RawQuery = "" }, 400, "language"},
		"another type":       {good, func(r r) { r.Header.Set("Content-Type", "audio/mpeg") }, 400, "Unsupported audio format"},
		"a form":             {good, func(r r) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") }, 400, "Unsupported audio format"},
		"no WAV":             {"ID3" + good, func(r) {}, 400, "Unsupported audio format"},
		"44.1 kHz":           {strings.Replace(good, "\x80\x3e\x00\x00", "\x44\xac\x00\x00", 1), func(r) {}, 400, "Unsupported audio format"},
		"stereo":             {strings.Replace(good, "\x01\x00\x01\x00", "\x01\x00\x02\x00", 1), func(r) {}, 400, "Unsupported audio format"},
		"a chunk before":     {strings.Replace(good, "data\x00", "LIST\x00", 1), func(r) {}, 400, "Unsupported audio format"},
		"cut off":            {good[:30], func(r) {}, 400, "Unsupported audio format"},
		"nothing":            {"", func(r) {}, 200, "{}"},
		"a header alone":     {wave(0, 0), func(r) {}, 200, "{}"},
		"Ogg":                {"OggS…", func(r r) { r.Header.Set("Content-Type", "audio/ogg; codecs=opus") }, 200, "Success"},
		"no Ogg":             {good, func(r r) { r.Header.Set("Content-Type", "audio/ogg; codecs=opus") }, 400, "Unsupported audio format"},
		"no base64":          {good, func(r r) { r.Header.Set("Pronunciation-Assessment", "{}") }, 400, "base64"},
		"no JSON":            {good, func(r r) { r.Header.Set("Pronunciation-Assessment", "e30x") }, 400, "JSON"},
		"no assessment":      {good, func(r r) { r.Header.Del("Pronunciation-Assessment") }, 200, `"NBest"`},
		"silence":            {wave(16_000, 0), func(r) {}, 200, "InitialSilenceTimeout"},
		"only XML is wanted": {good, func(r r) { r.Header.Set("Accept", "text/xml") }, 406, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := honest(full, tt.body)
			tt.edit(in)
			status, body := ask(New(Config{}), in)
			if status != tt.status || !strings.Contains(body, tt.says) || !json.Valid([]byte(body)) {
				t.Errorf("%d %s, want %d with %q", status, body, tt.status, tt.says)
			}
		})
	}
	if status, body := ask(New(Config{EmptyIsBad: true}), honest(full, wave(0, 0))); status != 400 || !strings.Contains(body, "No audio data") {
		t.Errorf("%d %s", status, body)
	}
}

// TestDefaults: without the parameters that the product always sends, the answers are of little use, as the real ones are.
func TestDefaults(t *testing.T) {
	good := wave(16_000, 9)
	scores := func(wanted string) map[string]any {
		status, body := ask(New(Config{Transcript: "Something else"}), honest(wanted, good))
		var answer struct {
			DisplayText string
			NBest       []map[string]any
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		best := answer.NBest[0]
		best["heard"] = answer.DisplayText
		return best
	}
	best := scores(`{"ReferenceText":"Hi there."}`)
	if best["heard"] != "Hi there." || best["AccuracyScore"] != 4.75 || best["PronScore"] != nil || best["ProsodyScore"] != nil {
		t.Errorf("with the defaults: %v", best)
	}
	best = scores(`{"ReferenceText":"Hi there.","EnableMiscue":true,"Granularity":"FullText","Dimension":"Comprehensive","EnableProsodyAssessment":true}`)
	if best["heard"] != "Something else" || best["CompletenessScore"] != 0.0 || best["Words"] != nil || best["ProsodyScore"] == nil {
		t.Errorf("with miscues: %v", best)
	}
	if status, body := ask(New(Config{}), honest(`{"Granularity":"Letter"}`, good)); status != 400 {
		t.Errorf("%d %s", status, body)
	}
}

func TestLongSoundIsCut(t *testing.T) {
	f := New(Config{})
	_, body := ask(f, honest(full, wave(40*16_000, 9)))
	if !strings.Contains(body, `"Duration":300000000`) || f.Calls()[0].Sound != 40*time.Second {
		t.Errorf("%.120s", body)
	}
}

func TestParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"ok": {}, "429/2": {Status: 429, RetryAfter: "2"}, "NoMatch": {Recognition: "NoMatch"}, "empty": {Status: 200, Body: "{}"}, "hang": {Hang: true},
		"reset": {Reset: true}, "half": {Half: true}, "slow/3s": {After: 3 * time.Second},
	} {
		if got, err := ParseFault(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "99", "slow", "broken"} {
		if got, err := ParseFault(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestFaultsComeInTurn(t *testing.T) {
	f := New(Config{})
	f.Next(Fault{Status: 503}, Fault{}, Fault{Recognition: "NoMatch"})
	var got []string
	for range 4 {
		status, body := ask(f, honest(full, wave(16_000, 9)))
		got = append(got, http.StatusText(status)+" "+body[:30])
	}
	for i, want := range []string{"Service Unavailable", "OK", "OK", "OK"} {
		if !strings.HasPrefix(got[i], want) {
			t.Errorf("answer %d is %s", i, got[i])
		}
	}
	if n := len(f.Calls()); n != 4 {
		t.Errorf("%d calls", n)
	}
}
