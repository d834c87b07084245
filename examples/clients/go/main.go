// Command englishgame plays one game against a server, through a client that is generated from the API's description:
//
//	mkdir api
//	oapi-codegen -config oapi-codegen.yaml http://127.0.0.1:8000/api/v1/openapi.json
//	go run . http://127.0.0.1:8000
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/runtime/types"

	"example.com/englishgame/api"
)

func main() {
	address := "http://127.0.0.1:8000"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := play(ctx, address); err != nil {
		fmt.Fprintln(os.Stderr, "englishgame:", err)
		os.Exit(1)
	}
}

// player is a client and what it signs its requests with.
type player struct {
	*api.ClientWithResponses
	token string
}

func (p *player) sign(_ context.Context, r *http.Request) error {
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	return nil
}

// play plays one game, from registering to looking at it again.
func play(ctx context.Context, address string) error {
	p := &player{}
	var err error
	if p.ClientWithResponses, err = api.NewClientWithResponses(address, api.WithRequestEditorFn(p.sign)); err != nil {
		return err
	}
	if err := p.signIn(ctx); err != nil {
		return err
	}
	speeches, err := p.draw(ctx)
	if err != nil {
		return err
	}
	saved, err := p.save(ctx, speeches)
	if err != nil {
		return err
	}
	if err := p.lookBack(ctx, saved, speeches); err != nil {
		return err
	}
	fmt.Printf("Go: played %d sentences, saved as %s\n", len(speeches), saved)
	return nil
}

// signIn registers a new account and logs in.
func (p *player) signIn(ctx context.Context) error {
	email, password := "go-"+uuid.NewString()+"@example.com", "SecurePass123"
	newcomer := api.RegisterRequest{Email: types.Email(email), Password: password, Name: "Go"}
	registered, err := p.RegisterAccountWithResponse(ctx, newcomer)
	if err != nil {
		return err
	}
	if registered.JSON201 == nil {
		return unexpected("register", registered.Body)
	}
	again, err := p.RegisterAccountWithResponse(ctx, newcomer)
	if err != nil {
		return err
	}
	if taken := again.ApplicationproblemJSON409; taken == nil || taken.Code != "email_taken" {
		return unexpected("register again", again.Body)
	}
	signedIn, err := p.LogInWithResponse(ctx, api.LoginRequest{Email: email, Password: password})
	if err != nil {
		return err
	}
	if signedIn.JSON200 == nil {
		return unexpected("log in", signedIn.Body)
	}
	if signedIn.JSON200.User.Id != registered.JSON201.User.Id {
		return fmt.Errorf("registered as %s, signed in as %s", registered.JSON201.User.Id, signedIn.JSON200.User.Id)
	}
	p.token = signedIn.JSON200.AccessToken
	return nil
}

// draw draws three questions with any of the tags.
func (p *player) draw(ctx context.Context) ([]api.Speech, error) {
	tags, err := p.ListTagsWithResponse(ctx, nil)
	if err != nil {
		return nil, err
	}
	if tags.JSON200 == nil {
		return nil, unexpected("list the tags", tags.Body)
	}
	var ids []uuid.UUID
	for _, tag := range tags.JSON200.Tags {
		ids = append(ids, tag.Id)
	}
	three := int32(3)
	drawn, err := p.DrawRandomSpeechesWithResponse(ctx, api.DrawRandomSpeechesRequest{
		Level: api.LevelA1, Type: api.SentenceTypeQuestion, Tags: ids[:min(len(ids), 100)], Limit: &three,
	})
	if err != nil {
		return nil, err
	}
	if drawn.JSON200 == nil {
		return nil, unexpected("draw", drawn.Body)
	}
	return drawn.JSON200.Speeches, nil
}

// save saves a game in which all was right, and returns its id.
func (p *player) save(ctx context.Context, speeches []api.Speech) (uuid.UUID, error) {
	began, n := time.Now().UTC(), int32(len(speeches))
	game := api.SaveGameSessionRequest{
		Mode: api.GameModeListenOnly, Level: api.LevelA1, SentenceType: api.SentenceTypeQuestion, SelectedTags: []uuid.UUID{},
		TotalSentences: n, CorrectCount: n, MaxStreak: n, DurationSeconds: 60, StartedAt: began, CompletedAt: began.Add(time.Minute),
	}
	for i, speech := range speeches {
		game.Results = append(game.Results, api.SaveGameResult{
			SpeechId: speech.Id, SequenceNumber: int32(i + 1), UserResponse: api.UserResponseCorrect, ResponseTimeMs: 1500,
		})
	}
	key := uuid.NewString()
	saved, err := p.SaveGameSessionWithResponse(ctx, &api.SaveGameSessionParams{IdempotencyKey: &key}, game)
	if err != nil {
		return uuid.Nil, err
	}
	if saved.JSON201 == nil {
		return uuid.Nil, unexpected("save", saved.Body)
	}
	return saved.JSON201.SessionId, nil
}

// lookBack finds the game in the history, and what was played in its detail.
func (p *player) lookBack(ctx context.Context, saved uuid.UUID, speeches []api.Speech) error {
	mode := api.GameModeListenOnly
	history, err := p.ListGameSessionsWithResponse(ctx, &api.ListGameSessionsParams{Mode: &mode})
	if err != nil {
		return err
	}
	if history.JSON200 == nil {
		return unexpected("list the games", history.Body)
	}
	if page := history.JSON200; page.Pagination.Total != 1 || page.Sessions[0].Id != saved {
		return fmt.Errorf("the history is %+v, without %s", page, saved)
	}
	detail, err := p.GetGameSessionWithResponse(ctx, saved)
	if err != nil {
		return err
	}
	if detail.JSON200 == nil {
		return unexpected("get the game", detail.Body)
	}
	if results := detail.JSON200.Results; len(results) != len(speeches) || results[0].Speech.Text != speeches[0].Text {
		return fmt.Errorf("played %+v, and the detail has %+v", speeches, results)
	}
	nothing, err := p.GetGameSessionWithResponse(ctx, speeches[0].Id)
	if err != nil {
		return err
	}
	if nothing.ApplicationproblemJSON404 == nil {
		return unexpected("a speech is no game, but getting it", nothing.Body)
	}
	return nil
}

// unexpected says what was answered in place of what was hoped for.
func unexpected(what string, answer []byte) error {
	return fmt.Errorf("%s was answered with: %s", what, answer)
}
