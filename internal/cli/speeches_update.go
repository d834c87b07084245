package cli

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

type speechesUpdateOptions struct {
	speechesCreateOptions
	noTags bool
}

func newSpeechesUpdate(e *env) *cobra.Command {
	var o speechesUpdateOptions
	cmd := &cobra.Command{
		Use:   "update ID",
		Short: "Change some fields of a sentence",
		Long: `Change some fields of a sentence; what is not given stays. Tags that are given
replace all tags. A recording is given as for "englishctl speeches create".

If something is not allowed, nothing is changed and the exit code is 3.`,
		Example: `  englishctl speeches update 01985a2e-7c1b-7000-8000-00000000000a \
      --text "Is there any tea?" --tag Food
  englishctl speeches update 01985a2e-7c1b-7000-8000-00000000000a \
      --audio recordings/one.mp3 --no-tags`,
		Args: exactlyOne("the id of a sentence"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withServices(cmd, func(ctx context.Context, sv services) error { return runSpeechesUpdate(ctx, e, sv, cmd, args[0], o) })
		},
	}
	cmd.Flags().StringVar(&o.text, "text", "", "the sentence")
	cmd.Flags().StringVar(&o.level, "level", "", catalog.OneOf(catalog.Levels))
	cmd.Flags().StringVar(&o.sentenceType, "type", "", catalog.OneOf(catalog.SentenceTypes))
	cmd.Flags().StringArrayVar(&o.tags, "tag", nil, "a tag, by name or id; may be given often")
	cmd.Flags().BoolVar(&o.noTags, "no-tags", false, "take all tags away")
	cmd.Flags().StringVar(&o.audio, "audio", "", "the recording: a file, a URL or a key")
	cmd.MarkFlagsMutuallyExclusive("tag", "no-tags")
	cmd.MarkFlagsOneRequired("text", "level", "type", "tag", "no-tags", "audio")
	return cmd
}

func runSpeechesUpdate(ctx context.Context, e *env, sv services, cmd *cobra.Command, id string, o speechesUpdateOptions) (err error) {
	s, err := findSpeech(ctx, sv.Catalog, id)
	if err != nil {
		return err
	}
	change, err := o.change(ctx, sv.Catalog, cmd)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("audio") {
		audio, err := openAudio(o.audio)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, audio.close()) }()
		if change.Recording = audio.recording(); change.Recording == nil {
			change.AudioURL = &audio.address
		}
		if err := sv.PrepareAudio(ctx); err != nil {
			return err
		}
	}
	updated, err := sv.Catalog.UpdateSpeech(ctx, s.ID, change)
	if err != nil {
		return err
	}
	if updated.UpdatedAt.Equal(s.UpdatedAt) {
		e.say("nothing to change: the sentence is like that already")
		return nil
	}
	e.sayf("updated the sentence %s\n", updated.ID)
	return nil
}

// change is what the flags that were given ask for, but for the recording.
func (o *speechesUpdateOptions) change(ctx context.Context, content catalogue, cmd *cobra.Command) (catalog.SpeechChange, error) {
	var change catalog.SpeechChange
	given := cmd.Flags().Changed
	if given("text") {
		change.Text = &o.text
	}
	if given("level") {
		level := catalog.Level(o.level)
		change.Level = &level
	}
	if given("type") {
		typ := catalog.SentenceType(o.sentenceType)
		change.Type = &typ
	}
	if o.noTags {
		change.TagIDs = &[]uuid.UUID{}
	}
	if given("tag") {
		ids, err := tagIDs(ctx, content, o.tags)
		if err != nil {
			return change, err
		}
		change.TagIDs = &ids
	}
	return change, nil
}
