package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/telemetry"
	"github.com/englishapp/englishctl/internal/testenv"
)

// classroom is a daemon with a learner, and what it has logged.
type classroom struct {
	*Daemon
	token   string
	learner uuid.UUID
	log     *journal
}

// journal is a daemon's log. It may be read while the daemon writes.
type journal struct {
	log *slog.Logger
	mu  sync.Mutex
	buf bytes.Buffer
}

func newJournal() *journal {
	j := &journal{}
	j.log = telemetry.NewLogger(j, slog.LevelInfo, telemetry.FormatJSON, false)
	return j
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

// String is all that was logged so far.
func (j *journal) String() string {
	telemetry.Flush(j.log)
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// schoolhouse is settings with a DATA_DIR and a port of their own. Learners wait longer than is usual: machines that test are busy.
func schoolhouse(t testing.TB, settings ...string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	environ := append(settings, "DATA_DIR="+filepath.Join(dir, "data"), "API_PORT=0", "SPEECH_API_TIMEOUT=40") // the first of a name holds
	cfg, _, err := config.Load(config.Options{Dir: dir, Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// openClassroom starts a daemon with the settings.
func openClassroom(t testing.TB, settings ...string) *classroom {
	t.Helper()
	cfg := schoolhouse(t, settings...)
	var err error
	c := &classroom{log: newJournal()}
	ctx, stop := context.WithCancel(t.Context())
	if c.Daemon, err = OpenDaemon(ctx, cfg, c.log.log); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- c.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		_ = c.Close()
		if strings.Contains(c.log.String(), azuretest.Key) {
			t.Error("the key is in the log")
		}
	})
	learner, err := c.Accounts.Register(ctx, account.Registration{Email: "ada@example.com", Password: "SecurePass123", Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	c.token, c.learner = learner.AccessToken, learner.User.ID
	return c
}

// scored is an answer to POST /speech/score, or a problem.
type scored struct {
	Recognized string  `json:"recognized_text"`
	Score      float64 `json:"pronunciation_score"`
	Provider   string
	ScoreID    string `json:"score_id"`
	Estimate   bool
	Words      []struct {
		Word, Band string
		Error      *string `json:"error_type"`
	} `json:"word_scores"`

	Code, Detail string
	Errors       []struct{ Field string }

	RetryAfter string `json:"-"` // the header
}

// score sends a recording as a phone does.
func (c *classroom) score(ctx context.Context, recording []byte, text string) (int, scored, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("audio", "recording")
	if err == nil {
		_, err = file.Write(recording)
	}
	if err == nil {
		err = form.WriteField("reference_text", text)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return 0, scored{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address+"/api/v1/speech/score", &body)
	if err != nil {
		return 0, scored{}, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, scored{}, err
	}
	defer resp.Body.Close()
	var out scored
	err = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&out)
	out.RetryAfter = resp.Header.Get("Retry-After")
	return resp.StatusCode, out, err
}

// spoken is a recording of "What do you eat for breakfast?" by a speech synthesiser, as MP3.
func spoken(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "examples", "starter-pack", "audio", "a1-question-002.mp3"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

const spokenText = "What do you eat for breakfast?"

// tone is a WAV of one second: a sine at 440 Hz, whose amplitude may be more than there is room for.
func tone(amplitude float64) []byte {
	const header = "RIFF\x24\x7d\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\x00\x7d\x00\x00"
	b := []byte(header)
	for i := range 16_000 {
		v := int16(min(max(amplitude*math.Sin(float64(i)*2*math.Pi*440/16_000), -32768), 32767))
		b = append(b, byte(v), byte(uint16(v)>>8))
	}
	return b
}

// quieter is a tone at nine tenths.
func quieter(tone []byte) []byte {
	for i := 44; i < len(tone); i += 2 {
		v := int32(int16(binary.LittleEndian.Uint16(tone[i:]))) * 9 / 10
		binary.LittleEndian.PutUint16(tone[i:], uint16(v))
	}
	return tone
}

func TestScoringWithAzure(t *testing.T) {
	fake := azuretest.New(azuretest.Config{Transcript: "What do you eat for lunch"})
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String())
	status, got, err := c.score(t.Context(), spoken(t), spokenText)
	if err != nil || status != 200 {
		t.Fatalf("%d %+v, %v", status, got, err)
	}
	if got.Recognized != "What do you eat for lunch" || got.Provider != "azure" || got.Score <= 0 || len(got.Words) != 7 || got.Words[0].Word != "What" {
		t.Errorf("got %+v", got)
	}
	if calls := fake.Calls(); len(calls) != 1 || calls[0].Sound < time.Second || calls[0].Sound > 3*time.Second {
		t.Errorf("calls = %+v", calls)
	}
	if _, _, err := c.score(t.Context(), spoken(t), spokenText); err != nil || len(fake.Calls()) != 1 {
		t.Errorf("the same again: %v, %d calls, want none more", err, len(fake.Calls()))
	}
}

// TestTheSameManyTimesAtOnce is one call. It counts for the learner's limit each time, and each answer has an id of its own.
func TestTheSameManyTimesAtOnce(t *testing.T) {
	fake := azuretest.New(azuretest.Config{Delay: 200 * time.Millisecond})
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String(), "RATE_LIMITS=score=9")
	var (
		mu    sync.Mutex
		group sync.WaitGroup
		ids   = map[string]bool{}
		count = map[int]int{}
	)
	for range 12 {
		group.Go(func() {
			status, got, err := c.score(t.Context(), spoken(t), spokenText)
			mu.Lock()
			defer mu.Unlock()
			if count[status]++; err != nil {
				t.Error(err)
			}
			ids[got.ScoreID] = true
		})
	}
	group.Wait()
	delete(ids, "") // of those who were refused
	if n := len(fake.Calls()); n != 1 || count[200] != 9 || count[429] != 3 || len(ids) != 9 {
		t.Errorf("%d calls, answers %v, %d ids", n, count, len(ids))
	}
	tokens, err := readKeys(c.cfg)
	if err != nil {
		t.Fatal(err)
	}
	for id := range ids {
		if given, err := c.scoreIDs(t, time.Now(), tokens).Read(c.learner, spokenText, id); err != nil || given.Provider != "azure" {
			t.Errorf("%+v, %v", given, err)
		}
	}
}

// TestQuotedScoreIsStored: a game that quotes a score has that one, whatever the app says, and says whose word it is; the id is worth
// nothing to others, for other sentences, and a second time.
func TestQuotedScoreIsStored(t *testing.T) {
	fake := azuretest.New(azuretest.Config{Transcript: "What do you eat for lunch"})
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String())
	played, other := c.addSpeech(t, spokenText), c.addSpeech(t, "What do you eat for dinner?")
	_, got, err := c.score(t.Context(), spoken(t), spokenText)
	if err != nil || got.ScoreID == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	mallory, err := c.Accounts.Register(t.Context(), account.Registration{Email: "mallory@example.com", Password: "SecurePass123", Name: "Mallory"})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name, token string
		speech      uuid.UUID
		id, key     string
		status      int
	}{
		{"of another sentence", c.token, other, got.ScoreID, "", 400},
		{"somebody else's", mallory.AccessToken, played, got.ScoreID, "", 400},
		{"changed", c.token, played, "x" + got.ScoreID, "", 400},
		{"as it was given", c.token, played, got.ScoreID, "k", 201},
		{"repeated", c.token, played, got.ScoreID, "k", 201},
		{"again", c.token, played, got.ScoreID, "", 409},
		{"none", c.token, played, "", "", 201},
	} {
		if status, answer := c.send(t, http.MethodPost, "/game/sessions", step.token, step.key, gameOf(step.speech, step.id)); status != step.status {
			t.Errorf("%s: %d %s", step.name, status, answer)
		}
	}
	sources := map[string]float64{}
	for session, err := range c.Practice.ExportSessions(t.Context(), c.learner) {
		if err != nil {
			t.Fatal(err)
		}
		sources[string(session.Results[0].ScoreSource())+" "+*session.Results[0].RecognizedText] = *session.AvgPronunciationScore
	}
	want := map[string]float64{"server What do you eat for lunch": got.Score, "client everything": 100}
	if !maps.Equal(sources, want) {
		t.Errorf("stored %v, want %v", sources, want)
	}
}

// TestQuotedScoresOfBefore: a phone may send a game late, and the server's secret may have changed meanwhile. What has expired is taken at the
// app's word; what was never given here is refused.
func TestQuotedScoresOfBefore(t *testing.T) {
	fake := azuretest.New(azuretest.Config{Transcript: "What do you eat for lunch"})
	const scored = 87.9 // by the fake, for that transcript
	secret := strings.Repeat("s", 32)
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String(),
		"JWT_SECRET_KEY="+secret, "JWT_SECRET_KEY_PREVIOUS="+strings.ToUpper(secret))
	speech := c.addSpeech(t, spokenText)
	given := func(age time.Duration, secret string) string {
		t.Helper()
		now := time.Now().Add(-age)
		scores, err := newScores(c.cfg, audio.BuiltIn{}, c.scoreIDs(t, now, keys{signing: []byte(secret)}), &pronunciation.Meter{}, newWatch(nil, nil), c.log.log)
		if err != nil {
			t.Fatal(err)
		}
		a, err := scores.Score(t.Context(), pronunciation.Recording{Player: c.learner, Content: spoken(t), Text: spokenText})
		if err != nil {
			t.Fatal(err)
		}
		return a.ScoreID
	}
	twice := gameOf(speech, given(0, secret))
	second := maps.Clone(twice["results"].([]any)[0].(map[string]any))
	second["sequence_number"] = 2
	twice["results"], twice["total_sentences"] = append(twice["results"].([]any), second), 2
	cut := given(0, secret)
	for _, tt := range []struct {
		name   string
		game   map[string]any
		says   string // of a game that is refused
		source string // of the score that is stored
		score  float64
	}{
		{"just before it expires", gameOf(speech, given(24*time.Hour-time.Minute, secret)), "", "server", scored},
		{"expired", gameOf(speech, given(24*time.Hour+time.Minute, secret)), "", "client", 100},
		{"of the secret before", gameOf(speech, given(time.Hour, strings.ToUpper(secret))), "", "server", scored},
		{"of that, and expired", gameOf(speech, given(25*time.Hour, strings.ToUpper(secret))), "", "client", 100},
		{"of an older secret", gameOf(speech, given(time.Hour, "another secret, long since gone")), "results[0].score_id: is not one that this server has given to you", "", 0},
		{"cut off", gameOf(speech, cut[:len(cut)-20]), "results[0].score_id: is not one that this server has given to you", "", 0},
		{"twice in one game", twice, "results[1].score_id: is that of results[0].score_id, too: a score counts once", "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, answer := c.send(t, http.MethodPost, "/game/sessions", c.token, "", tt.game)
			if tt.says != "" {
				if status != http.StatusBadRequest || !strings.Contains(answer, tt.says) {
					t.Errorf("%d %s, want %q", status, answer, tt.says)
				}
				return
			}
			var saved struct {
				ID string `json:"session_id"`
			}
			if err := json.Unmarshal([]byte(answer), &saved); err != nil || status != http.StatusCreated {
				t.Fatalf("%d %s, %v", status, answer, err)
			}
			var session struct {
				Average float64 `json:"avg_pronunciation_score"`
				Results []struct {
					Score  float64 `json:"pronunciation_score"`
					Source string  `json:"score_source"`
				}
			}
			_, answer = c.send(t, http.MethodGet, "/game/sessions/"+saved.ID, c.token, "", nil)
			if err := json.Unmarshal([]byte(answer), &session); err != nil || len(session.Results) != 1 {
				t.Fatalf("%s, %v", answer, err)
			}
			if got := session.Results[0]; got.Source != tt.source || got.Score != tt.score || session.Average != tt.score {
				t.Errorf("%+v, want %v by the %s", session, tt.score, tt.source)
			}
		})
	}
}

// scoreIDs are those of a daemon with the keys, at another time.
func (c *classroom) scoreIDs(t *testing.T, now time.Time, tokens keys) *pronunciation.ScoreIDs {
	t.Helper()
	ids, err := newScoreIDs(tokens, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// gameOf is a game in which the app claims the best score, and quotes another one.
func gameOf(speech uuid.UUID, scoreID string) map[string]any {
	result := map[string]any{
		"speech_id": speech, "sequence_number": 1, "user_response": "correct", "pronunciation_score": 100, "recognized_text": "everything",
		"response_time_ms": 900,
	}
	if scoreID != "" {
		result["score_id"] = scoreID
	}
	return map[string]any{
		"mode": "listen_and_repeat", "level": "A1", "sentence_type": "question", "selected_tags": []string{}, "total_sentences": 1,
		"correct_count": 1, "max_streak": 1, "avg_pronunciation_score": 100, "duration_seconds": 9,
		"started_at": "2025-12-10T10:00:00Z", "completed_at": "2025-12-10T10:00:09Z", "results": []any{result},
	}
}

// addSpeech adds a sentence to the catalogue.
func (c *classroom) addSpeech(t testing.TB, text string, tags ...uuid.UUID) uuid.UUID {
	t.Helper()
	speech, err := c.Catalog.CreateSpeech(t.Context(), catalog.NewSpeech{
		AudioURL: "https://cdn.example.com/a.mp3", Text: text, Level: "A1", Type: catalog.Question, TagIDs: tags,
	})
	if err != nil {
		t.Fatal(err)
	}
	return speech.ID
}

// send sends a body as JSON and demands an answer.
func (c *classroom) send(t testing.TB, method, path, token, key string, body any) (status int, answer string) {
	t.Helper()
	status, answer, err := c.sendJSON(t.Context(), method, path, token, key, body)
	if err != nil {
		t.Fatal(err)
	}
	return status, answer
}

func (c *classroom) sendJSON(ctx context.Context, method, path, token, key string, body any) (status int, answer string, err error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return 0, "", err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.address+"/api/v1"+path, bytes.NewReader(encoded))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, string(content), err
}

// TestWhatIsNotWorthAsking: what cannot be scored costs nothing, and the learner learns why.
func TestWhatIsNotWorthAsking(t *testing.T) {
	fake := azuretest.New(azuretest.Config{})
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String())
	for name, tc := range map[string]struct {
		recording []byte
		text      string
		status    int
		code      string
		says      string
	}{
		"silence":               {tone(0), "Hi", 422, "audio_silent", "microphone"},
		"far too quiet":         {tone(80), "Hi", 422, "audio_too_quiet", "louder"},
		"clipped":               {tone(200_000), "Hi", 422, "audio_clipped", "distorted"},
		"clipped, then quieter": {quieter(tone(200_000)), "Hi", 422, "audio_clipped", "distorted"},
		"too short for it":      {tone(8_000), strings.Repeat("What do you eat for breakfast? ", 3), 422, "audio_too_short_for_text", "all of it"},
		"FLAC":                  {[]byte("fLaC\x00\x00\x00\x22" + strings.Repeat("x", 100)), "Hi", 400, "unsupported_audio", "FLAC"},
		"cut off":               {tone(8_000)[:16_000], "Hi", 400, "unsupported_audio", "damaged"},
		"0.2 s":                 {append(tone(8_000)[:40], append([]byte("\x00\x19\x00\x00"), tone(8_000)[44:44+6400]...)...), "Hi", 400, "audio_too_short", "0.2 s"},
		"nothing":               {nil, "Hi", 400, "invalid", "audio: is an empty file"},
		"no text":               {tone(8_000), " ", 400, "invalid", "reference_text"},
		"more than may be sent": {make([]byte, 10<<20+1), "Hi", 413, "too_large", "10 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			status, got, err := c.score(t.Context(), tc.recording, tc.text)
			if err != nil || status != tc.status || got.Code != tc.code || !strings.Contains(got.Detail, tc.says) {
				t.Errorf("%d %+v, %v", status, got, err)
			}
		})
	}
	if n := len(fake.Calls()); n > 0 {
		t.Errorf("Azure was asked %d times", n)
	}
}

// TestScoringFailures: what goes wrong at Azure is 400 or 503 as whose fault it is, within the time that the settings allow, and the operator learns why.
func TestScoringFailures(t *testing.T) {
	hang, refused := azuretest.Fault{Hang: true}, azuretest.Fault{Status: 401}
	language := azuretest.Fault{Status: 400, Body: `{"Message":"The language is not supported"}`}
	fake := azuretest.New(azuretest.Config{})
	const allowed, around = 4 * time.Second, 3 * time.Second // what the provider may take, and all that is around it
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String(), "SPEECH_API_TIMEOUT="+allowed.String())
	for _, step := range []struct {
		faults []azuretest.Fault
		status int
		code   string
		later  string // Retry-After
		field  string // that is wrong
	}{
		{[]azuretest.Fault{{Status: 503}, {Half: true}, {}}, 200, "", "", ""},
		{[]azuretest.Fault{{Status: 429, RetryAfter: "1"}, {}}, 200, "", "", ""},
		{[]azuretest.Fault{hang}, 503, "scoring_timeout", "5", ""},
		{[]azuretest.Fault{{Recognition: "NoMatch"}}, 422, "speech_not_recognized", "", ""},
		{[]azuretest.Fault{language}, 400, "invalid", "", "language"},
		{[]azuretest.Fault{{Status: 400}}, 503, "scoring_unavailable", "5", ""},
		{[]azuretest.Fault{{Status: 413}}, 503, "scoring_unavailable", "5", ""},
		{nil, 200, "", "", ""}, // nobody else is meant by that
		{[]azuretest.Fault{refused}, 503, "scoring_unavailable", "30", ""},
		{nil, 503, "scoring_unavailable", "30", ""}, // it is left alone now
	} {
		fake.Next(step.faults...)
		text := spokenText + strings.Repeat("!", len(fake.Calls())) // not what is remembered
		begin := time.Now()
		status, got, err := c.score(t.Context(), spoken(t), text)
		if err != nil || status != step.status || got.Code != step.code || strings.Contains(got.Detail, "401") || !about(got.RetryAfter, step.later) || wrongField(got) != step.field {
			t.Errorf("%+v: %d %+v, %v", step.faults, status, got, err)
		}
		if took := time.Since(begin); took > allowed+around {
			t.Errorf("%+v: it took %s", step.faults, took)
		}
	}
	page := httptest.NewRecorder()
	c.counted.Handler(slog.Default()).ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for _, want := range []string{"scoring_refused_total 1", "scoring_timed_out_total 1", "scoring_resting_total 1", "scoring_calls 0"} {
		if !strings.Contains(page.Body.String(), "englishctl_"+want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if n := strings.Count(c.log.String(), "AZURE_SPEECH_KEY"); n != 1 { // for 401 alone
		t.Errorf("%d alarms:\n%s", n, c.log)
	}
}

// wrongField is the first field that an answer names; empty where it names none.
func wrongField(got scored) string {
	if len(got.Errors) == 0 {
		return ""
	}
	return got.Errors[0].Field
}

// about reports whether a time is what was wanted: in seconds, of which a few may have passed on a busy machine.
func about(seconds, wanted string) bool {
	if wanted == "" || seconds == "" {
		return seconds == wanted
	}
	got, err := strconv.Atoi(seconds)
	most, wrong := strconv.Atoi(wanted)
	return err == nil && wrong == nil && got <= most && got > most-20 && got > 0
}

// TestAzureNamesATime: until then nobody asks it, and learners are told when; nobody waits for longer than a minute.
func TestAzureNamesATime(t *testing.T) {
	for wait, want := range map[string]string{"45": "45", "86400": "60"} {
		fake := azuretest.New(azuretest.Config{})
		c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String())
		fake.Next(azuretest.Fault{Status: 429, RetryAfter: wait})
		for i := range 3 {
			status, got, err := c.score(t.Context(), spoken(t), spokenText+strings.Repeat("!", i))
			if err != nil || status != 503 || got.Code != "scoring_busy" || !about(got.RetryAfter, want) {
				t.Errorf("%d %+v, %v; want Retry-After %s", status, got, err, want)
			}
		}
		if n := len(fake.Calls()); n != 1 {
			t.Errorf("Azure was asked %d times", n)
		}
	}
}

// encoded is a recording that a real encoder has made.
func encoded(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "audio", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestHeardSound is that of the file, whether it was resampled or not, also when others have been heard since: it is not in memory that
// they get.
func TestHeardSound(t *testing.T) {
	l := listener{decoder: audio.BuiltIn{}}
	for _, name := range []string{"aac-16000-1.m4a", "aac-44100-2.m4a"} {
		content := encoded(t, name)
		clip, err := l.decoder.Decode(t.Context(), content, audio.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := clip.At(pronunciation.SampleRate)
		if err != nil {
			t.Fatal(err)
		}
		heard, err := l.hear(t.Context(), content)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.hear(t.Context(), encoded(t, "mp3-44100-2.mp3")); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(heard.Samples, want) {
			t.Errorf("%s: other sound than in the file", name)
		}
	}
}

// endlessDecoder decodes until nobody waits any more, as on a machine that has far too much to do.
type endlessDecoder struct{}

func (endlessDecoder) Decode(ctx context.Context, _ []byte, _ audio.Limits) (audio.Clip, error) {
	<-ctx.Done()
	return audio.Clip{}, ctx.Err()
}

// TestListeningIsBounded: who waits in vain is told to try again, and not that the file is to blame; who hangs up is told nothing.
func TestListeningIsBounded(t *testing.T) {
	behind := newBackground()
	l := listener{endlessDecoder{}, behind, time.Millisecond}
	wantTimeout := func(how string) {
		t.Helper()
		_, err := l.listen(t.Context(), []byte("sound"))
		f, ok := errors.AsType[*pronunciation.Failure](err)
		if !ok || f.Reason != pronunciation.TimedOut || !strings.Contains(err.Error(), "not decoded within 1ms") {
			t.Errorf("%s: %v, want that it took too long", how, err)
		}
	}
	wantTimeout("decoding does not end")

	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	if _, err := l.listen(gone, []byte("sound")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v for who has hung up, want just that", err)
	}

	for behind.places.TryAcquire(1) { // nobody gets a turn
	}
	wantTimeout("no turn")
}

// TestEveryFormatIsScored: what real encoders write, as phones and programs send it, comes to Azure as the sound that it is.
func TestEveryFormatIsScored(t *testing.T) {
	fake := azuretest.New(azuretest.Config{})
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String(), "RATE_LIMITS=score=1000")
	for _, name := range []string{
		"aac-8000-1.m4a", "aac-16000-1.m4a", "aac-44100-2.m4a", "aac-48000-1.m4a", "faststart.m4a", "ipod.m4a", "cover.m4a", "isom.mp4", "mobile.3gp",
		"fragmented.mp4", "mp3-16000-1.mp3", "mp3-22050-1.mp3", "mp3-44100-2.mp3", "mp3-48000-1.mp3", "mp3-vbr.mp3", "wav-u8.wav", "wav-s16le.wav",
		"wav-s24le.wav", "wav-s32le.wav", "wav-f32le.wav", "wav-alaw.wav", "wav-mulaw.wav", "wav-extensible.wav", "wav-piped.wav",
	} {
		t.Run(name, func(t *testing.T) {
			before := len(fake.Calls())
			status, got, err := c.score(t.Context(), encoded(t, name), "Good.")
			if err != nil || status != 200 || got.Recognized != "Good." {
				t.Fatalf("%d %+v, %v", status, got, err)
			}
			calls := fake.Calls()[before:] // none, where an earlier file holds the very same samples
			if len(calls) > 1 || len(calls) == 1 && (calls[0].Sound < 300*time.Millisecond || calls[0].Sound > 500*time.Millisecond) {
				t.Errorf("calls = %+v", calls)
			}
		})
	}
}

func TestNobodyScores(t *testing.T) {
	c := openClassroom(t, "SPEECH_PROVIDER=none", "AZURE_SPEECH_KEY=k", "AZURE_SPEECH_REGION=westeurope")
	status, got, err := c.score(t.Context(), tone(8_000), "Hi")
	if err != nil || status != 503 || got.Code != "scoring_not_configured" {
		t.Errorf("%d %+v, %v", status, got, err)
	}
}

// TestScoringOffline: without any setting the model of this machine scores, and says that it estimates.
func TestScoringOffline(t *testing.T) {
	c := openClassroom(t, "OFFLINE_MODEL_DIR="+testenv.SpeechModel(t))
	status, got, err := c.score(t.Context(), spoken(t), spokenText)
	if err != nil || status != 200 {
		t.Fatalf("%d %+v, %v", status, got, err)
	}
	if got.Recognized != "What do you eat for breakfast" || got.Provider != "offline" || !got.Estimate || got.Score < 80 || len(got.Words) != 6 ||
		got.Words[5].Word != "breakfast" || got.Words[5].Band != "good" || got.Words[5].Error != nil {
		t.Errorf("got %+v", got)
	}
	for name, tc := range map[string]struct {
		text   string
		status int
		code   string
	}{
		"another sentence": {"My brother plays tennis on Saturday.", 422, "different_sentence"},
		"another script":   {"Что ты ешь на завтрак?", 400, "invalid"},
	} {
		if status, got, err := c.score(t.Context(), spoken(t), tc.text); err != nil || status != tc.status || got.Code != tc.code {
			t.Errorf("%s: %d %+v, %v", name, status, got, err)
		}
	}
	if about := c.About().Pronunciation; !strings.Contains(about, testenv.SpeechModel(t)) {
		t.Errorf("the terminal reads %q", about)
	}
}

// TestFindModel: which folder scores, and what is said where one that was asked for has no model.
func TestFindModel(t *testing.T) {
	model := testenv.SpeechModel(t)
	data := t.TempDir()
	empty := t.TempDir()
	for _, tc := range []struct {
		name         string
		speech       config.Speech
		system, want string
		fails        string
	}{
		{"none is there", config.Speech{}, empty, "", ""},
		{"the system's", config.Speech{}, model, model, ""},
		{"a setting", config.Speech{OfflineModelDir: model}, empty, model, ""},
		{"a setting that is wrong", config.Speech{OfflineModelDir: empty}, model, "", "OFFLINE_MODEL_DIR"},
		{"none, but asked for", config.Speech{Provider: config.SpeechOffline}, empty, "", "SPEECH_PROVIDER"},
	} {
		got, err := findModel(&config.Config{DataDir: data, Speech: tc.speech}, tc.system)
		if got != tc.want || (err != nil) != (tc.fails != "") || err != nil && !strings.Contains(err.Error(), tc.fails) {
			t.Errorf("%s: %q, %v", tc.name, got, err)
		}
	}
	if err := os.Symlink(model, filepath.Join(data, "model")); err != nil {
		t.Fatal(err)
	}
	if got, err := findModel(&config.Config{DataDir: data}, empty); err != nil || got != filepath.Join(data, "model") {
		t.Errorf("installed: %q, %v", got, err)
	}
}

// TestNoVoiceOnDisk: neither a success nor a failure nor a learner who hangs up leaves a file behind, and while Azure is at work there
// is none either.
func TestNoVoiceOnDisk(t *testing.T) {
	fake := azuretest.New(azuretest.Config{})
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String())
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	empty := func(when string) {
		t.Helper()
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, %v", when, left, err)
		}
	}
	if status, _, err := c.score(t.Context(), spoken(t), spokenText); status != 200 {
		t.Errorf("%d, %v", status, err)
	}
	empty("after a success")
	if status, _, err := c.score(t.Context(), tone(0), "Hi"); status != 422 {
		t.Errorf("%d, %v", status, err)
	}
	empty("after a failure")

	fake.Next(azuretest.Fault{Hang: true})
	ctx, hangUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, _, err := c.score(ctx, spoken(t), "What do you eat?")
		gone <- err
	}()
	if err := fake.Await(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	empty("while Azure is at work")
	hangUp()
	if err := <-gone; err == nil {
		t.Error("the call was not broken off")
	}
	empty("after hanging up")
}
