package cli

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

func newSpeeches(e *env) *cobra.Command {
	return group("speeches", "Manage sentences and their recordings",
		newSpeechesList(e), newSpeechesShow(e), newSpeechesCreate(e), newSpeechesUpdate(e), newSpeechesDelete(e),
		newSpeechesPlay(e), newSpeechesCheck(e), newSpeechesExport(e), newSpeechesAudio(e))
}

// speechItem is a speech as -o json prints it. Other than in the API, audio_url is what is stored, a key or somebody
// else's URL: "speeches play" makes a link of it.
type speechItem struct {
	ID          string    `json:"id"`
	Text        string    `json:"text"`
	Level       string    `json:"level"`
	Type        string    `json:"type"`
	Tags        []tagRef  `json:"tags"`
	AudioURL    string    `json:"audio_url"`
	AudioSHA256 string    `json:"audio_sha256"`
	BatchID     *string   `json:"batch_id"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

type tagRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func newSpeechItem(s catalog.Speech) speechItem {
	item := speechItem{
		ID: s.ID.String(), Text: s.Text, Level: string(s.Level), Type: string(s.Type), Tags: []tagRef{}, AudioURL: s.Audio,
		AudioSHA256: s.AudioSHA256, CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC(),
	}
	for _, tag := range s.Tags {
		item.Tags = append(item.Tags, tagRef{ID: tag.ID.String(), Name: tag.Name})
	}
	if s.BatchID != nil {
		batch := s.BatchID.String()
		item.BatchID = &batch
	}
	return item
}

var speechColumns = []string{
	"id", "level", "type", "text", "tags", "audio_url", "audio_sha256", "batch_id", "created_at", "updated_at",
}

func speechListing(speeches []catalog.Speech) listing {
	l := listing{
		columns: speechColumns,
		inTable: []string{"id", "level", "type", "text"},
		rows:    [][]string{},
	}
	items := make([]speechItem, 0, len(speeches))
	for _, s := range speeches {
		item := newSpeechItem(s)
		items = append(items, item)
		batch := ""
		if item.BatchID != nil {
			batch = *item.BatchID
		}
		l.rows = append(l.rows, []string{
			item.ID, item.Level, item.Type, item.Text, strings.ReplaceAll(s.TagNames(), ",", ", "), item.AudioURL,
			item.AudioSHA256, batch, item.CreatedAt.Format(time.RFC3339), item.UpdatedAt.Format(time.RFC3339),
		})
	}
	l.items = items
	return l
}

// speechFilter are the flags that choose speeches.
type speechFilter struct {
	level, sentenceType, tag, search string
}

func (f *speechFilter) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.level, "level", "", "only this level: "+catalog.OneOf(catalog.Levels))
	cmd.Flags().StringVar(&f.sentenceType, "type", "", "only this type: "+catalog.OneOf(catalog.SentenceTypes))
	cmd.Flags().StringVar(&f.tag, "tag", "", "only with this tag, by name or id")
	cmd.Flags().StringVar(&f.search, "search", "", "only texts with words that begin like these")
}

// query is what the flags ask for.
func (f speechFilter) query(ctx context.Context, content catalogue) (catalog.SpeechQuery, error) {
	q := catalog.SpeechQuery{
		Level: catalog.Level(f.level), Type: catalog.SentenceType(f.sentenceType), Search: f.search,
	}
	if f.tag == "" {
		return q, nil
	}
	ids, err := tagIDs(ctx, content, []string{f.tag})
	if err != nil {
		return q, err
	}
	q.TagID = &ids[0]
	return q, nil
}

// tagIDs finds tags by name or id. All that do not exist are named at once.
func tagIDs(ctx context.Context, content catalogue, tags []string) ([]uuid.UUID, error) {
	var c fault.Check
	ids := make([]uuid.UUID, 0, len(tags))
	for _, wanted := range tags {
		tag, err := content.FindTag(ctx, wanted)
		if f, ok := fault.As(err); ok && f.Kind == fault.KindNotFound {
			c.Addf("tag", "%s", f.Message)
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, tag.ID)
	}
	return ids, c.Err()
}

// findSpeech returns the speech with the id; a text that is no id is nobody's.
func findSpeech(ctx context.Context, content catalogue, id string) (catalog.Speech, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return catalog.Speech{}, fault.NotFound("no speech has the id %q", id)
	}
	return content.Speech(ctx, parsed)
}
