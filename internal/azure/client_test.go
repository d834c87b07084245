package azure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// asking is a client of the fake.
func asking(tb testing.TB, f *azuretest.Fake) *Client {
	tb.Helper()
	return clientOf(tb, f.Serve(tb), azuretest.Key)
}

func clientOf(tb testing.TB, at *url.URL, key string) *Client {
	tb.Helper()
	c, err := New(Config{Key: key, Endpoint: at, Connections: 100})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// utterance is a second of a square wave: the fake does not mind what it sounds like.
func utterance(text string) pronunciation.Utterance {
	samples := make([]int16, pronunciation.SampleRate)
	for i := range samples {
		samples[i] = int16(3000 * (1 - 2*(i/40%2)))
	}
	return pronunciation.Utterance{Samples: samples, Text: text, Language: "en-US"}
}

func of(v float64) *float64 { return &v }

func TestAssess(t *testing.T) {
	const none = pronunciation.WordError("")
	word := func(text string, score float64, wrong pronunciation.WordError) pronunciation.Word {
		return pronunciation.Word{Text: text, Score: score, Error: wrong}
	}
	// The overall score is 0.4·75 + 0.2·80.67 + 0.2·88 + 0.2·90 = 81.73.
	miscue := pronunciation.Assessment{
		Recognized: "I really like apples", Confidence: of(0.93), Pronunciation: 81.7, Accuracy: of(242.0 / 3), Fluency: of(90),
		Completeness: of(75), Prosody: of(88),
		Words: []pronunciation.Word{
			word("i", 95, none), word("really", 0, pronunciation.Insertion), word("like", 95, none),
			word("green", 0, pronunciation.Omission), word("apples", 52, pronunciation.Mispronunciation),
		},
	}
	for name, cfg := range map[string]azuretest.Config{
		"REST form": {}, "SDK form": {Nested: true}, "numbers as strings": {Strings: true}, "both": {Nested: true, Strings: true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Transcript = "I really like apples*"
			got, err := asking(t, azuretest.New(cfg)).Assess(t.Context(), utterance("I like green apples."))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(miscue, got); diff != "" {
				t.Errorf("assessment (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsSent(t *testing.T) {
	f := azuretest.New(azuretest.Config{})
	c := asking(t, f)
	u := utterance(`Say "Grüezi" & <go>`)
	u.Phonemes = true
	got, err := c.Assess(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Words[0].Phonemes); n != 3 || got.Words[0].Phonemes[0] != (pronunciation.Phoneme{Name: "s", Score: 95}) {
		t.Errorf("phonemes = %v", got.Words[0].Phonemes)
	}
	u.Language, u.Phonemes = "en-GB", false
	if got, err = c.Assess(t.Context(), u); err != nil || got.Prosody != nil || got.Words[0].Phonemes != nil {
		t.Errorf("en-GB without phonemes: %v, %v", got, err)
	}
	calls := f.Calls()
	want := azuretest.Wanted{
		ReferenceText: u.Text, GradingSystem: "HundredMark", Granularity: "Phoneme", Dimension: "Comprehensive", EnableMiscue: true,
		EnableProsodyAssessment: true,
	}
	if diff := cmp.Diff(want, calls[0].Wanted); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	q := calls[0].Query
	if q.Get("language") != "en-US" || q.Get("format") != "detailed" || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(q.Get("X-ConnectionId")) {
		t.Errorf("query = %v", q)
	}
	if q.Get("X-ConnectionId") == calls[1].Query.Get("X-ConnectionId") {
		t.Error("two calls have one connection id")
	}
	if calls[0].Sound != time.Second || calls[0].Chunked || calls[0].Header.Get("Authorization") != "" {
		t.Errorf("call = %+v", calls[0])
	}
	if calls[0].From != calls[1].From {
		t.Error("the connection was not used again")
	}
}

// TestStatuses has every row of HTTP states, and the recognition states that the REST API has.
func TestStatuses(t *testing.T) {
	type failure = pronunciation.Reason
	tests := map[string]struct {
		fault  string
		reason failure
		retry  time.Duration
		want   error // instead of a failure
	}{
		"400":                   {"400", pronunciation.Rejected, 0, nil},
		"401":                   {"401", pronunciation.Refused, 0, nil},
		"403":                   {"403", pronunciation.Refused, 0, nil},
		"404":                   {"404", pronunciation.Refused, 0, nil},
		"405":                   {"405", pronunciation.Refused, 0, nil},
		"410":                   {"410", pronunciation.Refused, 0, nil},
		"a redirect":            {"302", pronunciation.Refused, 0, nil},
		"204":                   {"204", pronunciation.Refused, 0, nil},
		"408":                   {"408", pronunciation.Broken, 0, nil},
		"411":                   {"411", pronunciation.Rejected, 0, nil},
		"413 with Retry-After":  {"413/7", pronunciation.Rejected, 7 * time.Second, nil},
		"415":                   {"415", pronunciation.Rejected, 0, nil},
		"422":                   {"422", pronunciation.Rejected, 0, nil},
		"429":                   {"429", pronunciation.Throttled, 0, nil},
		"429 with Retry-After":  {"429/7", pronunciation.Throttled, 7 * time.Second, nil},
		"431":                   {"431", pronunciation.Rejected, 0, nil},
		"500":                   {"500", pronunciation.Broken, 0, nil},
		"502":                   {"502", pronunciation.Broken, 0, nil},
		"503 with Retry-After":  {"503/3", pronunciation.Broken, 3 * time.Second, nil},
		"504":                   {"504", pronunciation.Broken, 0, nil},
		"reset":                 {"reset", pronunciation.Broken, 0, nil},
		"half an answer":        {"half", pronunciation.Broken, 0, nil},
		"Error":                 {"Error", pronunciation.Broken, 0, nil},
		"NoMatch":               {"NoMatch", 0, 0, pronunciation.ErrNoWords},
		"InitialSilenceTimeout": {"InitialSilenceTimeout", 0, 0, pronunciation.ErrSilent},
		"BabbleTimeout":         {"BabbleTimeout", 0, 0, pronunciation.ErrNoise},
		"{}":                    {"empty", 0, 0, pronunciation.ErrNothingHeard},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := azuretest.New(azuretest.Config{})
			wrong, err := azuretest.ParseFault(tt.fault)
			if err != nil {
				t.Fatal(err)
			}
			f.Next(wrong)
			_, err = asking(t, f).Assess(t.Context(), utterance("Good morning."))
			mustFail(t, err, tt.reason, tt.retry, tt.want)
			if n := len(f.Calls()); n != 1 {
				t.Errorf("%d calls, want one", n)
			}
		})
	}
}

func mustFail(t *testing.T, err error, reason pronunciation.Reason, retry time.Duration, want error) {
	t.Helper()
	if want != nil {
		if !errors.Is(err, want) {
			t.Fatalf("err = %v, want %v", err, want)
		}
		return
	}
	got, ok := errors.AsType[*pronunciation.Failure](err)
	if !ok || got.Reason != reason || got.RetryAfter != retry {
		t.Fatalf("err = %#v, want reason %d after %s", err, reason, retry)
	}
	if strings.Contains(err.Error(), azuretest.Key) || strings.Contains(err.Error(), "X-ConnectionId") {
		t.Errorf("the error says too much: %v", err)
	}
}

func TestKeys(t *testing.T) {
	at := azuretest.New(azuretest.Config{}).Serve(t)
	_, err := clientOf(t, at, "another-key").Assess(t.Context(), utterance("Good morning."))
	mustFail(t, err, pronunciation.Refused, 0, nil)
	if !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "another-key") || !strings.Contains(err.Error(), "X-RequestId") {
		t.Errorf("err = %v", err)
	}
	_, err = clientOf(t, at, "a key\nthat is none").Assess(t.Context(), utterance("Good morning."))
	if err == nil || strings.Contains(err.Error(), "that is none") {
		t.Errorf("err = %v", err)
	}
}

// TestAnswers has the answers that the fake does not give.
func TestAnswers(t *testing.T) {
	const omitted = `{"RecognitionStatus":"Success","DisplayText":"","NBest":[{"Confidence":0,"Lexical":"","Display":"","AccuracyScore":0,"FluencyScore":0,
		"CompletenessScore":0,"PronScore":0,"Words":[{"Word":"good","ErrorType":"Omission"},{"Word":"morning","AccuracyScore":0,"ErrorType":"Omission"}]}]}`
	const omittedBySDK = `{"RecognitionStatus":0,"NBest":[{"PronunciationAssessment":{"PronScore":0},"Words":[
		{"Word":"good","PronunciationAssessment":{"AccuracyScore":0,"ErrorType":"Omission"}}]}]}`
	tests := map[string]struct {
		status int
		body   string
		reason pronunciation.Reason
		want   error
		code   fault.Kind
	}{
		"HTML":                          {200, "<html>", pronunciation.Broken, nil, ""},
		"nothing":                       {200, "", pronunciation.Broken, nil, ""},
		"a list":                        {200, "[]", pronunciation.Broken, nil, ""},
		"a number that is none":         {200, `{"RecognitionStatus":"Success","NBest":[{"PronScore":"high"}]}`, pronunciation.Broken, nil, ""},
		"no scores":                     {200, `{"RecognitionStatus":"Success","DisplayText":"Hi.","NBest":[{"Display":"Hi."}]}`, pronunciation.Broken, nil, ""},
		"no hypothesis":                 {200, `{"RecognitionStatus":"Success","DisplayText":""}`, 0, pronunciation.ErrNothingHeard, ""},
		"every word left out":           {200, omitted, 0, pronunciation.ErrNoWords, ""},
		"likewise, as the SDK says":     {200, omittedBySDK, 0, pronunciation.ErrNoWords, ""},
		"a score of nothing":            {200, `{"RecognitionStatus":"Success","NBest":[{"PronScore":0}]}`, 0, pronunciation.ErrNoWords, ""},
		"no match with the rest":        {200, `{"RecognitionStatus":"NoMatch","DisplayText":"","NBest":[]}`, 0, pronunciation.ErrNoWords, ""},
		"noise, as the SDK says":        {200, `{"RecognitionStatus":"InitialBabbleTimeout"}`, 0, pronunciation.ErrNoise, ""},
		"silence, as the SDK says":      {200, `{"RecognitionStatus":"EndSilenceTimeout"}`, 0, pronunciation.ErrSilent, ""},
		"a bad message, likewise":       {200, `{"RecognitionStatus":"InvalidMessage"}`, pronunciation.Rejected, nil, ""},
		"busy, likewise":                {200, `{"RecognitionStatus":"ServiceUnavailable"}`, pronunciation.Broken, nil, ""},
		"a format that is none of ours": {400, `{"Message":"Unsupported audio format"}`, pronunciation.Rejected, nil, ""},
		"no sound has come":             {400, `{"Message":"No audio data was received."}`, pronunciation.Rejected, nil, ""},
		"a gateway's 429":               {429, `{"error":{"code":"429","message":"Requests have exceeded rate limit. Please retry after 2 seconds."}}`, pronunciation.Throttled, nil, ""},
		"a gateway's 401":               {401, `{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}`, pronunciation.Refused, nil, ""},
		"the end of a dictation":        {200, `{"RecognitionStatus":"EndOfDictation"}`, 0, pronunciation.ErrNothingHeard, ""},
		"too many, as a state":          {200, `{"RecognitionStatus":"TooManyRequests"}`, pronunciation.Throttled, nil, ""},
		"forbidden, as a state":         {200, `{"RecognitionStatus":"Forbidden"}`, pronunciation.Refused, nil, ""},
		"bad, as a state":               {200, `{"RecognitionStatus":"BadRequest"}`, pronunciation.Rejected, nil, ""},
		"a new state":                   {200, `{"RecognitionStatus":"Sunday"}`, pronunciation.Broken, nil, ""},
		"a state that is none":          {200, `{"RecognitionStatus":7}`, pronunciation.Broken, nil, ""},
		"too long":                      {200, `{"DisplayText":"` + strings.Repeat("a", maxReplyBytes) + `"}`, pronunciation.Broken, nil, ""},
		"an unknown language":           {400, `{"Message":"Unsupported language."}`, 0, nil, fault.KindInvalid},
		"an old 401":                    {401, `{"statusCode":401,"message":"Access denied"}`, pronunciation.Refused, nil, ""},
		"a long error":                  {502, strings.Repeat("\xff é\n", 5000), pronunciation.Broken, nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := served(t, tt.status, tt.body).Assess(t.Context(), utterance("Good morning."))
			if tt.code != "" {
				if f, ok := fault.As(err); !ok || f.Kind != tt.code || f.Fields[0].Name != "language" {
					t.Errorf("err = %v", err)
				}
				return
			}
			mustFail(t, err, tt.reason, 0, tt.want)
			if len(err.Error()) > 1000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// served is a client of a server that always says the same.
func served(t *testing.T, status int, body string) *Client {
	t.Helper()
	return serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

// serving is a client of a server.
func serving(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return clientOf(t, at, azuretest.Key)
}

// TestLenientAnswers reads the examples of the documentation that the fake does not write.
func TestLenientAnswers(t *testing.T) {
	const sdk = `{"RecognitionStatus":0,"Offset":"700000","Duration":"5200000","DisplayText":"Hello.","NBest":[{"Confidence":"0.91","Lexical":"hello",
		"PronunciationAssessment":{"AccuracyScore":96,"FluencyScore":100,"CompletenessScore":100,"PronScore":97.6},
		"Words":[{"Word":"hello","PronunciationAssessment":{"AccuracyScore":96,"ErrorType":"None"}}]}]}`
	got, err := served(t, 200, sdk).Assess(t.Context(), utterance("Hello."))
	want := pronunciation.Assessment{
		Recognized: "Hello.", Confidence: of(0.91), Pronunciation: 97.6, Accuracy: of(96), Fluency: of(100), Completeness: of(100),
		Words: []pronunciation.Word{{Text: "hello", Score: 96}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, assessment (-want +got):\n%s", err, diff)
	}
	const nameless = `{"RecognitionStatus":"Success","NBest":[{"PronScore":40,"Words":[{"Word":"hello","AccuracyScore":40},{"Word":"you","ErrorType":"Omission"}]}]}`
	got, err = served(t, 200, nameless).Assess(t.Context(), utterance("Hello you."))
	want = pronunciation.Assessment{Pronunciation: 40, Words: []pronunciation.Word{{Text: "hello", Score: 40}, {Text: "you", Error: pronunciation.Omission}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, assessment (-want +got):\n%s", err, diff)
	}
	const odd = `{"RecognitionStatus":"Success","NBest":[{"Lexical":"hello","PronScore":140,"AccuracyScore":-3,"FluencyScore":null,
		"PronunciationAssessment":{"AccuracyScore":12},"Words":[{"Word":"hello","ErrorType":"Stammer"}]}]}`
	got, err = served(t, 200, odd).Assess(t.Context(), utterance("Hello."))
	want = pronunciation.Assessment{Recognized: "hello", Pronunciation: 100, Accuracy: of(12), Words: []pronunciation.Word{{Text: "hello"}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, assessment (-want +got):\n%s", err, diff)
	}
}

func TestSilence(t *testing.T) {
	u := utterance("Good morning.")
	clear(u.Samples)
	_, err := asking(t, azuretest.New(azuretest.Config{})).Assess(t.Context(), u)
	mustFail(t, err, 0, 0, pronunciation.ErrSilent)
}

func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	_, err = clientOf(t, at, azuretest.Key).Assess(t.Context(), utterance("Good morning."))
	mustFail(t, err, pronunciation.Broken, 0, nil)
}

// TestTLS: sound and key go only to whom the machine trusts; everything else is for an operator to mend, and not tried again.
func TestTLS(t *testing.T) {
	fake := azuretest.New(azuretest.Config{})
	secure, signer := fake.ServeTLS(t)
	plain := fake.Serve(t)
	trusting := x509.NewCertPool()
	trusting.AddCert(signer)
	for name, tt := range map[string]struct {
		host   string
		config *tls.Config
		says   string // nothing: it is Azure
	}{
		"trusted":                      {secure.Host, &tls.Config{RootCAs: trusting}, ""},
		"signed by a stranger":         {secure.Host, &tls.Config{RootCAs: x509.NewCertPool()}, "unknown authority"},
		"expired":                      {secure.Host, &tls.Config{RootCAs: trusting, Time: func() time.Time { return signer.NotAfter.Add(time.Hour) }}, "expired"},
		"the certificate of elsewhere": {"localhost:" + secure.Port(), &tls.Config{RootCAs: trusting}, "not localhost"},
		"no TLS":                       {plain.Host, &tls.Config{RootCAs: trusting}, "HTTP response to HTTPS client"},
	} {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, &url.URL{Scheme: "https", Host: tt.host}, azuretest.Key)
			c.http.Transport.(*http.Transport).TLSClientConfig = tt.config
			before := len(fake.Calls())
			_, err := c.Assess(t.Context(), utterance("Good morning."))
			if tt.says == "" {
				if err != nil || len(fake.Calls()) != before+1 {
					t.Errorf("%v, %d calls", err, len(fake.Calls())-before)
				}
				return
			}
			mustFail(t, err, pronunciation.Refused, 0, nil)
			if !strings.Contains(err.Error(), tt.says) || len(fake.Calls()) != before {
				t.Errorf("%v, want %q; %d calls", err, tt.says, len(fake.Calls())-before)
			}
		})
	}
}

// TestHangingUp: the caller's end of patience, or their going, ends the call, and is told as what it is.
func TestHangingUp(t *testing.T) {
	hanging := func() (*azuretest.Fake, *Client) {
		f := azuretest.New(azuretest.Config{})
		f.Next(azuretest.Fault{Hang: true})
		return f, asking(t, f)
	}
	_, c := hanging()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Assess(ctx, utterance("Good morning.")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v", err)
	}
	f, c := hanging()
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		defer cancel()
		if err := f.Await(t.Context(), 1); err != nil {
			t.Error(err)
		}
	}()
	if _, err := c.Assess(ctx, utterance("Good morning.")); !errors.Is(err, context.Canceled) || len(f.Calls()) != 1 {
		t.Errorf("err = %v, %d calls", err, len(f.Calls()))
	}
}

// TestAHundredAtOnce: nobody is answered before all have come.
func TestAHundredAtOnce(t *testing.T) {
	const many = 100
	f := azuretest.New(azuretest.Config{})
	var come atomic.Int64
	all := make(chan struct{})
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if come.Add(1) == many {
			close(all)
		}
		select {
		case <-all:
			f.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
	ctx, giveUp := context.WithTimeout(t.Context(), time.Minute)
	defer giveUp()
	var group sync.WaitGroup
	for range many {
		group.Go(func() {
			if _, err := c.Assess(ctx, utterance("Good morning.")); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	before := len(connections(f.Calls()))
	if _, err := c.Assess(t.Context(), utterance("Good morning.")); err != nil {
		t.Fatal(err)
	}
	if after := len(connections(f.Calls())); after != before {
		t.Errorf("%d connections, then %d: none was kept", before, after)
	}
}

func connections(calls []azuretest.Call) map[string]bool {
	from := map[string]bool{}
	for _, c := range calls {
		from[c.From] = true
	}
	return from
}

func TestAddresses(t *testing.T) {
	const path = "/speech/recognition/conversation/cognitiveservices/v1"
	tests := map[string]struct {
		region, endpoint, want string // an empty want is an error
	}{
		"a region":               {"westeurope", "", "https://westeurope.stt.speech.microsoft.com" + path},
		"a sovereign cloud":      {"", "https://chinaeast2.stt.speech.azure.cn", "https://chinaeast2.stt.speech.azure.cn" + path},
		"a slash is no path":     {"", "https://chinaeast2.stt.speech.azure.cn/", "https://chinaeast2.stt.speech.azure.cn" + path},
		"a private endpoint":     {"", "https://name.cognitiveservices.azure.com/stt" + path, "https://name.cognitiveservices.azure.com/stt" + path},
		"the endpoint wins":      {"westeurope", "https://x.example.com", "https://x.example.com" + path},
		"this machine":           {"", "http://127.0.0.1:8990", "http://127.0.0.1:8990" + path},
		"this machine's name":    {"", "http://localhost:8990", "http://localhost:8990" + path},
		"this machine, IPv6":     {"", "http://[::1]:8990", "http://[::1]:8990" + path},
		"another, without TLS":   {"", "http://10.0.0.1:8990", ""},
		"a name that only seems": {"", "http://localhost.example.com", ""},
		"neither":                {"", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Key: "k", Region: tt.region}
			if tt.endpoint != "" {
				var err error
				if cfg.Endpoint, err = url.Parse(tt.endpoint); err != nil {
					t.Fatal(err)
				}
			}
			c, err := New(cfg)
			if (err != nil) != (tt.want == "") {
				t.Fatalf("err = %v", err)
			}
			if err == nil && c.address.String() != tt.want {
				t.Errorf("address = %s, want %s", &c.address, tt.want)
			}
		})
	}
	if _, err := New(Config{Region: "westeurope"}); err == nil {
		t.Error("a client without a key")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "-3": 0, "soon": 0, "999999999": 24 * time.Hour,
		"Thu, 26 Nov 2026 12:00:05 GMT": 5 * time.Second, "Thu, 26 Nov 2026 11:00:00 GMT": 0,
	} {
		r := refusal{429, http.Header{"Retry-After": {text}}, nil, now}
		if got := r.retryAfter(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestProvider(t *testing.T) {
	c, err := New(Config{Key: "k", Region: "westeurope"})
	if err != nil || c.Provider() != "azure" || len(c.Languages()) != 33 {
		t.Errorf("%v: %q with %d languages", err, c.Provider(), len(c.Languages()))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"RecognitionStatus":"Success","NBest":[{"PronScore":"9","Words":[{"Word":"a","Phonemes":[{}]}]}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := Decode(body)
		if err == nil && (a.Pronunciation < 0 || a.Pronunciation > 100) {
			t.Errorf("score %v", a.Pronunciation)
		}
	})
}
