package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

type speechesCreateOptions struct {
	text, level, sentenceType, audio string
	tags                             []string
}

func newSpeechesCreate(e *env) *cobra.Command {
	var o speechesCreateOptions
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create one sentence with its recording",
		Long: `Create one sentence. Its recording is a file (MP3, WAV or M4A of at most 10 MiB,
judged by its content), which is stored; or an http(s) URL; or the key of a
recording that is stored already (audio/…). The tags must exist.

The new sentence's id is printed on stdout. If something is not allowed, nothing
is created and the exit code is 3.`,
		Example: `  englishctl speeches create --text "Is there any soup?" --level A1 \
      --type question --tag Food --tag Requests --audio recordings/one.mp3`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.withServices(cmd, func(ctx context.Context, sv services) error { return runSpeechesCreate(ctx, e, sv, o) })
		},
	}
	cmd.Flags().StringVar(&o.text, "text", "", "the sentence")
	cmd.Flags().StringVar(&o.level, "level", "", catalog.OneOf(catalog.Levels))
	cmd.Flags().StringVar(&o.sentenceType, "type", string(catalog.Answer), catalog.OneOf(catalog.SentenceTypes))
	cmd.Flags().StringArrayVar(&o.tags, "tag", nil, "a tag, by name or id; may be given often")
	cmd.Flags().StringVar(&o.audio, "audio", "", "the recording: a file, a URL or a key")
	for _, name := range []string{"text", "level", "audio"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func runSpeechesCreate(ctx context.Context, e *env, sv services, o speechesCreateOptions) (err error) {
	audio, err := openAudio(o.audio)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, audio.close()) }()
	tags, err := tagIDs(ctx, sv.Catalog, o.tags)
	if err != nil {
		return err
	}
	if err := sv.PrepareAudio(ctx); err != nil {
		return err
	}
	s, err := sv.Catalog.CreateSpeech(ctx, catalog.NewSpeech{
		AudioURL: audio.address, Recording: audio.recording(), Text: o.text, Level: catalog.Level(o.level),
		Type: catalog.SentenceType(o.sentenceType), TagIDs: tags,
	})
	if err != nil {
		return err
	}
	e.sayf("created a sentence of level %s with the recording %s\n", s.Level, s.Audio)
	_, err = fmt.Fprintln(e.Stdout, s.ID)
	return err
}
