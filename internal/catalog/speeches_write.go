package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// CreateSpeech creates a speech. It returns fault.Invalid, naming every field that breaks a rule, an unknown tag or a
// recording that does not exist.
func (s *Service) CreateSpeech(ctx context.Context, n NewSpeech) (Speech, error) {
	var c fault.Check
	file, err := s.readRecording(&c, "audio", n.Recording)
	if err != nil {
		return Speech{}, err
	}
	var audioURL string
	if n.Recording == nil {
		audioURL = s.checkAudio(&c, "audio_url", n.AudioURL)
	}
	now := s.moment()
	speech := Speech{
		ID:        s.newID(),
		Audio:     audioURL,
		Text:      CheckText(&c, "text", n.Text),
		Level:     CheckLevel(&c, "level", string(n.Level)),
		Type:      CheckType(&c, "type", string(n.Type)),
		CreatedAt: now,
		UpdatedAt: now,
	}
	tagIDs := checkTagIDs(&c, "tag_ids", n.TagIDs)
	if err := c.Err(); err != nil {
		return Speech{}, err
	}
	if file != nil {
		speech.Audio, speech.AudioSHA256 = file.key(speech.Level, speech.ID), file.sha256
	}
	err = s.storing(ctx, file, speech.Audio, speech.ID, func() error { return s.insertSpeech(ctx, &speech, tagIDs) })
	if err != nil {
		return Speech{}, fmt.Errorf("create a speech: %w", err)
	}
	return speech, nil
}

// insertSpeech writes a new speech, and sets its tags.
func (s *Service) insertSpeech(ctx context.Context, speech *Speech, tagIDs []uuid.UUID) error {
	return s.write(ctx, func(tx Store) error {
		var err error
		if speech.Tags, err = s.references(ctx, tx, speech.Audio, tagIDs); err != nil {
			return err
		}
		if err := tx.InsertSpeeches(ctx, []Speech{*speech}); err != nil {
			return err
		}
		return s.record(ctx, tx, "speech.create", speech.ID, audit.Diff(nil, speech.fields()))
	})
}

// UpdateSpeech changes some fields of a speech and returns it as it is then. It returns fault.NotFound, and
// fault.Invalid as CreateSpeech does.
func (s *Service) UpdateSpeech(ctx context.Context, id uuid.UUID, change SpeechChange) (Speech, error) {
	var c fault.Check
	change = s.checkChange(&c, change)
	file, err := s.readRecording(&c, "audio", change.Recording)
	if err != nil {
		return Speech{}, err
	}
	if err := c.Err(); err != nil {
		return Speech{}, err
	}
	if file != nil {
		before, err := s.Speech(ctx, id)
		if err != nil {
			return Speech{}, err
		}
		file = change.use(file, before, s.newID)
	}
	var key, sha256 string
	if file != nil {
		sha256 = file.sha256
	}
	if change.AudioURL != nil {
		key = *change.AudioURL
	}
	var speech Speech
	err = s.storing(ctx, file, key, id, func() error {
		speech, err = s.changeSpeech(ctx, id, change, sha256)
		return err
	})
	if err != nil {
		return Speech{}, fmt.Errorf("update speech %s: %w", id, err)
	}
	return speech, nil
}

// use makes the change one to a new recording, unless the speech has it already, and returns what is to be stored. The
// recording gets a place of its own: the one in use may be listened to until the change is done.
func (change *SpeechChange) use(file *recording, before Speech, newID func() uuid.UUID) *recording {
	if file.sha256 == before.AudioSHA256 {
		return nil
	}
	level := before.Level
	if change.Level != nil {
		level = *change.Level
	}
	key := file.key(level, newID())
	change.AudioURL = &key
	return file
}

// changeSpeech writes a change that breaks no rule by itself. sha256 is the digest of a new recording, where it is known.
func (s *Service) changeSpeech(ctx context.Context, id uuid.UUID, change SpeechChange, sha256 string) (speech Speech, err error) {
	err = s.write(ctx, func(tx Store) error {
		before, err := tx.Speech(ctx, id)
		if err != nil {
			return err
		}
		if speech, err = s.apply(ctx, tx, before, change, sha256); err != nil {
			return err
		}
		changes := audit.Diff(before.fields(), speech.fields())
		if len(changes) == 0 {
			return nil
		}
		speech.UpdatedAt = s.moment()
		if err := tx.UpdateSpeech(ctx, speech); err != nil {
			return err
		}
		if err := s.keepPast(ctx, tx, before, speech); err != nil {
			return fmt.Errorf("keep the recording that was replaced: %w", err)
		}
		return s.record(ctx, tx, "speech.update", id, changes)
	})
	return speech, err
}

// DeleteSpeech deletes a speech: only the history of those who have played it shows it any longer. It returns
// fault.NotFound if there is no such live speech.
func (s *Service) DeleteSpeech(ctx context.Context, id uuid.UUID) error {
	err := s.write(ctx, func(tx Store) error {
		speech, err := tx.Speech(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteSpeech(ctx, id, s.moment()); err != nil {
			return err
		}
		return s.record(ctx, tx, "speech.delete", id, audit.Diff(speech.fields(), nil))
	})
	if err != nil {
		return fmt.Errorf("delete speech %s: %w", id, err)
	}
	return nil
}

// checkChange returns the change as it is stored and notes in c every rule that it breaks.
func (s *Service) checkChange(c *fault.Check, change SpeechChange) SpeechChange {
	if change.AudioURL != nil {
		audio := s.checkAudio(c, "audio_url", *change.AudioURL)
		change.AudioURL = &audio
	}
	if change.Text != nil {
		text := CheckText(c, "text", *change.Text)
		change.Text = &text
	}
	if change.Level != nil {
		CheckLevel(c, "level", string(*change.Level))
	}
	if change.Type != nil {
		typ := CheckType(c, "type", string(*change.Type))
		change.Type = &typ
	}
	if change.TagIDs != nil {
		ids := checkTagIDs(c, "tag_ids", *change.TagIDs)
		change.TagIDs = &ids
	}
	return change
}

// apply returns the speech with the change made, or fault.Invalid if the change refers to what does not exist.
func (s *Service) apply(ctx context.Context, tx Store, speech Speech, change SpeechChange, sha256 string) (Speech, error) {
	if change.Text != nil {
		speech.Text = *change.Text
	}
	if change.Level != nil {
		speech.Level = *change.Level
	}
	if change.Type != nil {
		speech.Type = *change.Type
	}
	var newAudio string
	if change.AudioURL != nil && *change.AudioURL != speech.Audio {
		newAudio = *change.AudioURL
		speech.Audio, speech.AudioSHA256 = newAudio, sha256 // none where the bytes were not read
	}
	var tagIDs []uuid.UUID
	if change.TagIDs != nil {
		tagIDs = *change.TagIDs
	}
	tags, err := s.references(ctx, tx, newAudio, tagIDs)
	if err != nil {
		return Speech{}, err
	}
	if change.TagIDs != nil {
		speech.Tags = tags
	}
	return speech, nil
}

// references returns the tags with the ids, by name, or fault.Invalid if one of them, or the recording that audio
// names, does not exist. An empty audio names none.
func (s *Service) references(ctx context.Context, tx Store, audio string, tagIDs []uuid.UUID) ([]TagRef, error) {
	var c fault.Check
	if err := s.checkRecording(ctx, &c, "audio_url", audio); err != nil {
		return nil, err
	}
	if len(tagIDs) == 0 {
		return nil, c.Err()
	}
	tags, err := tx.TagsByID(ctx, tagIDs)
	if err != nil {
		return nil, fmt.Errorf("read the tags of a speech: %w", err)
	}
	refs := make([]TagRef, len(tags))
	for i, tag := range tags {
		refs[i] = TagRef{ID: tag.ID, Name: tag.Name}
	}
	if unknown := without(tagIDs, refs); len(unknown) > 0 {
		c.Addf("tag_ids", "No tag has the id %s", strings.Join(unknown, ", "))
	}
	return sortRefs(refs), c.Err()
}

// without returns those ids that are not among the tags.
func without(ids []uuid.UUID, tags []TagRef) []string {
	var missing []string
	for _, id := range ids {
		if !slices.ContainsFunc(tags, func(t TagRef) bool { return t.ID == id }) {
			missing = append(missing, id.String())
		}
	}
	return missing
}

// sortRefs sorts the tags of a speech in place, by name ignoring case.
func sortRefs(tags []TagRef) []TagRef {
	slices.SortFunc(tags, func(a, b TagRef) int { return strings.Compare(FoldName(a.Name), FoldName(b.Name)) })
	return tags
}

// checkTagIDs returns the ids without repetitions and notes in c if there are too many.
func checkTagIDs(c *fault.Check, field string, ids []uuid.UUID) []uuid.UUID {
	unique := make([]uuid.UUID, 0, min(len(ids), MaxTags))
	for _, id := range ids {
		if !slices.Contains(unique, id) {
			unique = append(unique, id)
		}
		if len(unique) > MaxTags {
			c.Addf(field, "More than %d tags are too many for one speech", MaxTags)
			break
		}
	}
	return unique
}

// fields are the fields of a speech that the audit log follows, by their API names.
func (s Speech) fields() map[string]any {
	names := make([]string, len(s.Tags))
	for i, tag := range s.Tags {
		names[i] = tag.Name
	}
	slices.Sort(names) // the order is the store's and no change
	return map[string]any{
		"audio_url": s.Audio,
		"text":      s.Text,
		"level":     string(s.Level),
		"type":      string(s.Type),
		"tags":      strings.Join(names, ", "),
	}
}
