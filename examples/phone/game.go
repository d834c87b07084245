package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// game is one game from registration to history.
type game struct {
	client *client
	level  string
	out    io.Writer

	tagIDs   []string
	speeches []speech
	heard    [][]byte // the recording of each speech
	scores   []*score // of each speech, nil where it has none; empty where this server scores nothing
	started  time.Time
	session  string
}

type tag struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Category *string `json:"category"`
}

type speech struct {
	ID       string `json:"id"`
	AudioURL string `json:"audio_url"`
	Text     string `json:"text"`
	Tags     []tag  `json:"tags"`
}

// score is what the server says of a recording. A result that quotes its id is stored with what the server has said, and not with
// what the app says it has.
type score struct {
	ID            string  `json:"score_id"`
	Pronunciation float64 `json:"pronunciation_score"`
	Recognized    string  `json:"recognized_text"`
	Provider      string  `json:"provider"`
	Estimate      bool    `json:"estimate"`
}

// problem is an error of the API (RFC 9457).
type problem struct{ Code, Detail string }

// say prints one step: its name, the request it made, and what came of it.
func (g *game) say(step, request, format string, args ...any) {
	fmt.Fprintf(g.out, "\n%-9s %s\n          %s\n", step, request, fmt.Sprintf(format, args...))
}

func (g *game) register(ctx context.Context) error {
	email := "learner-" + randomHex(4) + "@example.com"
	var answer struct {
		User        struct{ ID, Name string }
		AccessToken string `json:"access_token"`
	}
	err := g.client.call(ctx, http.MethodPost, "/auth/register", http.StatusCreated,
		map[string]string{"email": email, "password": "Demo" + randomHex(8) + "1", "name": "Nguyen Van A"}, &answer)
	if err != nil {
		return err
	}
	g.client.token = answer.AccessToken
	g.say("Register", "POST /auth/register", "welcome %s (%s)", answer.User.Name, email)
	return nil
}

func (g *game) chooseTags(ctx context.Context) error {
	var answer struct{ Tags []tag }
	if err := g.client.call(ctx, http.MethodGet, "/tags", http.StatusOK, nil, &answer); err != nil {
		return err
	}
	names := make([]string, 0, len(answer.Tags))
	for _, t := range answer.Tags {
		g.tagIDs = append(g.tagIDs, t.ID)
		names = append(names, t.Name)
	}
	shown := names[:min(6, len(names))]
	g.say("Tags", "GET /tags", "%d tags: %s, …", len(names), strings.Join(shown, ", "))
	return nil
}

func (g *game) drawSpeeches(ctx context.Context) error {
	g.started = time.Now().UTC()
	var answer struct{ Speeches []speech }
	err := g.client.call(ctx, http.MethodPost, "/game/speeches/random", http.StatusOK,
		map[string]any{"level": g.level, "type": "question", "tags": g.tagIDs, "limit": 5}, &answer)
	if err != nil {
		return err
	}
	g.speeches = answer.Speeches
	g.say("Draw", "POST /game/speeches/random", "%d questions at level %s", len(g.speeches), g.level)
	return nil
}

func (g *game) listen(ctx context.Context) error {
	g.say("Listen", "GET each audio_url", "every recording through its signed link:")
	for i, s := range g.speeches {
		audio, contentType, err := g.client.download(ctx, s.AudioURL)
		if err != nil {
			return fmt.Errorf("speech %s: %w", s.ID, err)
		}
		g.heard = append(g.heard, audio)
		fmt.Fprintf(g.out, "          %d. %5.1f kB %s  %q\n", i+1, float64(len(audio))/1000, contentType, s.Text)
	}
	return nil
}

// repeat reads the sentences aloud. This phone has no microphone, and plays back what it has heard.
func (g *game) repeat(ctx context.Context) error {
	g.say("Repeat", "POST /speech/score", "every sentence read aloud:")
	for i, s := range g.speeches {
		status, answer, err := g.client.upload(ctx, "/speech/score", "audio", g.heard[i], "reference_text", s.Text)
		if err != nil {
			return err
		}
		var given *score
		switch status {
		case http.StatusOK:
			given = &score{}
			if err := json.Unmarshal(answer, given); err != nil {
				return err
			}
			fmt.Fprintf(g.out, "          %d. %5.1f  (%s)  %q\n", i+1, given.Pronunciation, given.by(), given.Recognized)
		case http.StatusUnprocessableEntity, http.StatusServiceUnavailable, http.StatusTooManyRequests: // for the learner to read
			var p problem
			if err := json.Unmarshal(answer, &p); err != nil {
				return err
			}
			fmt.Fprintf(g.out, "          %d. no score: %s\n", i+1, p.Detail)
			if p.Code == "scoring_not_configured" {
				return nil // then it is a game of listening only
			}
		default:
			return fmt.Errorf("the recording of speech %s: %d %s", s.ID, status, answer)
		}
		g.scores = append(g.scores, given)
	}
	return nil
}

func (s *score) by() string {
	if s.Estimate {
		return s.Provider + ", an estimate"
	}
	return s.Provider
}

// scored adds the scores to the game that is saved.
func (g *game) scored(session map[string]any, results []map[string]any) {
	var sum, n float64
	for i, s := range g.scores {
		if s != nil {
			results[i]["pronunciation_score"], results[i]["recognized_text"], results[i]["score_id"] = s.Pronunciation, s.Recognized, s.ID
			sum, n = sum+s.Pronunciation, n+1
		}
	}
	if len(g.scores) > 0 {
		session["mode"] = "listen_and_repeat"
	}
	if n > 0 {
		session["avg_pronunciation_score"] = sum / n
	}
}

func (g *game) save(ctx context.Context) error {
	results := make([]map[string]any, len(g.speeches))
	for i, s := range g.speeches {
		results[i] = map[string]any{
			"speech_id": s.ID, "sequence_number": i + 1, "user_response": "correct",
			"pronunciation_score": nil, "recognized_text": nil, "response_time_ms": 1800 + 250*i,
		}
	}
	results[len(results)-1]["user_response"] = "incorrect"
	body := map[string]any{
		"mode": "listen_only", "level": g.level, "sentence_type": "question", "selected_tags": g.tagIDs[:min(2, len(g.tagIDs))],
		"total_sentences": len(results), "correct_count": len(results) - 1, "max_streak": len(results) - 1,
		"avg_pronunciation_score": nil, "duration_seconds": 42,
		"started_at": g.started, "completed_at": g.started.Add(42 * time.Second), "results": results,
	}
	g.scored(body, results)
	var first, again struct {
		SessionID string `json:"session_id"`
		Message   string
	}
	key := randomHex(16)
	for _, answer := range []any{&first, &again} { // a phone on a bad line sends twice; it is stored once
		if err := g.client.call(ctx, http.MethodPost, "/game/sessions", http.StatusCreated, body, answer, "Idempotency-Key", key); err != nil {
			return err
		}
	}
	if first.SessionID != again.SessionID {
		return fmt.Errorf("the repeated save made a second session: %s and %s", first.SessionID, again.SessionID)
	}
	g.session = first.SessionID
	g.say("Save", "POST /game/sessions (twice, same Idempotency-Key)", "%s: %s", first.Message, g.session)
	return nil
}

func (g *game) history(ctx context.Context) error {
	var answer struct {
		Sessions []struct {
			ID             string
			Level          string
			CorrectCount   int       `json:"correct_count"`
			TotalSentences int       `json:"total_sentences"`
			CompletedAt    time.Time `json:"completed_at"`
		}
		Pagination struct{ Total int }
	}
	if err := g.client.call(ctx, http.MethodGet, "/game/sessions?page=1&limit=20", http.StatusOK, nil, &answer); err != nil {
		return err
	}
	if answer.Pagination.Total != 1 || len(answer.Sessions) != 1 || answer.Sessions[0].ID != g.session {
		return fmt.Errorf("the history has %d sessions, expected the one just saved", answer.Pagination.Total)
	}
	s := answer.Sessions[0]
	g.say("History", "GET /game/sessions", "%d session: level %s, %d of %d correct, %s",
		answer.Pagination.Total, s.Level, s.CorrectCount, s.TotalSentences, s.CompletedAt.Format(time.RFC3339))
	return nil
}

func (g *game) detail(ctx context.Context) error {
	var answer struct {
		SelectedTags []string `json:"selected_tags"`
		Results      []struct {
			SequenceNumber int `json:"sequence_number"`
			Speech         speech
			UserResponse   string   `json:"user_response"`
			Pronunciation  *float64 `json:"pronunciation_score"`
			ScoreSource    *string  `json:"score_source"`
		}
	}
	if err := g.client.call(ctx, http.MethodGet, "/game/sessions/"+g.session, http.StatusOK, nil, &answer); err != nil {
		return err
	}
	if len(answer.Results) != len(g.speeches) {
		return fmt.Errorf("the detail has %d results, expected %d", len(answer.Results), len(g.speeches))
	}
	g.say("Detail", "GET /game/sessions/"+g.session, "tags: %s", strings.Join(answer.SelectedTags, ", "))
	for _, r := range answer.Results {
		fmt.Fprintf(g.out, "          %d. %-9s  %q", r.SequenceNumber, r.UserResponse, r.Speech.Text)
		if r.Pronunciation != nil && r.ScoreSource != nil {
			fmt.Fprintf(g.out, "  %.1f, the %s's word", *r.Pronunciation, *r.ScoreSource)
		}
		fmt.Fprintln(g.out)
	}
	fmt.Fprintln(g.out, "\nThe whole game worked.")
	return nil
}

// randomHex returns 2n random hexadecimal digits.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never fails since Go 1.24
	return hex.EncodeToString(b)
}
