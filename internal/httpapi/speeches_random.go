package httpapi

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// defaultDraw is how many speeches are drawn where the caller does not say (spec, "POST /game/speeches/random").
const defaultDraw = 10

type drawRequest struct {
	Level field[catalog.Level]        `json:"level"`
	Type  field[catalog.SentenceType] `json:"type"`
	Tags  field[items[uuid.UUID]]     `json:"tags"`
	Limit field[int32]                `json:"limit"`
	// ExcludeRecent is an addition.
	ExcludeRecent field[bool] `json:"exclude_recent"`
}

func (in drawRequest) draw(c *fault.Check) catalog.Draw {
	return catalog.Draw{
		Level: required(c, "level", in.Level),
		Type:  required(c, "type", in.Type),
		Tags:  elements(c, "tags", in.Tags),
		Limit: int(orElse(optional(c, "limit", in.Limit), defaultDraw)),

		ExcludeRecent: orElse(optional(c, "exclude_recent", in.ExcludeRecent), false),
	}
}

type drawResponse struct {
	Speeches []speechResponse `json:"speeches"`
}

// speechResponse is a speech as learners see it.
type speechResponse struct {
	ID       uuid.UUID            `json:"id"`
	AudioURL string               `json:"audio_url"`
	Text     string               `json:"text"`
	Level    catalog.Level        `json:"level"`
	Type     catalog.SentenceType `json:"type"`
	Tags     []tagRefResponse     `json:"tags"`
}

type tagRefResponse struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

func newTagRef(t catalog.TagRef) tagRefResponse { return tagRefResponse(t) }

// speech adds to a speech the link by which its recording can be heard now.
func (a *API) speech(ctx context.Context, s catalog.Speech) (speechResponse, error) {
	link, err := a.catalog.AudioURL(ctx, s)
	if err != nil {
		return speechResponse{}, err
	}
	return speechResponse{
		ID: s.ID, AudioURL: link, Text: s.Text, Level: s.Level, Type: s.Type, Tags: list(s.Tags, newTagRef),
	}, nil
}

func (a *API) drawSpeeches(w http.ResponseWriter, r *http.Request) error {
	draw, err := decode(w, r, drawRequest.draw)
	if err != nil {
		return err
	}
	draw.Learner = caller(r.Context())
	drawn, err := a.catalog.RandomSpeeches(r.Context(), draw)
	if err != nil {
		return err
	}
	answer := drawResponse{make([]speechResponse, len(drawn))}
	for i, s := range drawn {
		if answer.Speeches[i], err = a.speech(r.Context(), s); err != nil {
			return err
		}
	}
	return writeDraw(w, answer)
}
