package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

// glancePage is how many of the newest items are looked at for completions.
var glancePage = paging.Page{Number: 1, Limit: 200}

// tagNames completes the names of tags.
func tagNames(ctx context.Context, s services, typed string) (all []cobra.Completion, err error) {
	tags, err := s.Catalog.TagsLike(ctx, catalog.TagFilter{Search: typed})
	for _, tag := range tags {
		if begins(tag.Name, typed) {
			all = append(all, described(tag.Name, counted(tag.SpeechCount, "sentence")))
		}
	}
	return all, err
}

// tagCategories completes the categories that tags have.
func tagCategories(ctx context.Context, s services, typed string) (all []cobra.Completion, err error) {
	tags, err := s.Catalog.AllTags(ctx)
	seen := map[string]bool{"": true}
	for _, tag := range tags {
		if !seen[tag.Category] && begins(tag.Category, typed) {
			all = append(all, tag.Category)
		}
		seen[tag.Category] = true
	}
	return all, err
}

// addresses completes the e-mail addresses of accounts, and their ids once something was typed that only an id begins
// with.
func addresses(ctx context.Context, s services, typed string) (all []cobra.Completion, err error) {
	filter := account.UserFilter{Search: typed}
	if beginsID(typed) {
		filter.Search = "" // an id is not searched for
	}
	users, _, err := s.Accounts.Users(ctx, filter, glancePage)
	for _, u := range users {
		switch {
		case begins(u.Email, typed):
			all = append(all, described(u.Email, u.Name))
		case typed != "" && begins(u.ID.String(), typed):
			all = append(all, described(u.ID.String(), u.Email))
		}
	}
	return all, err
}

// beginsID reports whether an id may begin like this.
func beginsID(typed string) bool { return strings.Trim(typed, "0123456789abcdefABCDEF-") == "" }

// speechIDs completes the ids of the newest sentences, with their texts.
func speechIDs(ctx context.Context, s services, typed string) (all []cobra.Completion, err error) {
	if !beginsID(typed) {
		return nil, nil
	}
	speeches, _, err := s.Catalog.Speeches(ctx, catalog.SpeechQuery{}, glancePage)
	for _, speech := range speeches {
		if begins(speech.ID.String(), typed) {
			all = append(all, described(speech.ID.String(), speech.Text))
		}
	}
	return all, err
}

// batchIDs completes the ids of the newest imports, with the names of their files.
func batchIDs(ctx context.Context, s services, typed string) (all []cobra.Completion, err error) {
	if !beginsID(typed) {
		return nil, nil
	}
	batches, _, err := s.Imports.Batches(ctx, glancePage)
	for _, b := range batches {
		if begins(b.ID.String(), typed) {
			all = append(all, described(b.ID.String(), b.FileName+", "+string(b.State)))
		}
	}
	return all, err
}
