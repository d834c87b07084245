package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/paging"
)

type auditListOptions struct {
	query  audit.Query
	since  string
	page   paging.Page
	output outputOptions
}

func newAuditList(e *env) *cobra.Command {
	var o auditListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what was changed, newest first",
		Long: `List what was changed through the API and on the command line, newest first, one
page at a time: who, what, when, and each field before and after. How many
entries match in all is said on stderr. Nothing in this program changes the log.

An actor is user:ID, deleted:ID (of a deleted account, an id that leads to
nobody), cli:NAME (the operator's name on their machine) or system.
An action is an object and a verb, such as tag.merge; the object alone stands
for all that is done to it. The columns are at, actor, action, object_id,
changes, request_id, address and id.`,
		Example: `  englishctl audit list --since 7d --action tag
  englishctl audit list --actor cli:root --since 2026-01-31 -o json
  englishctl audit list --columns at,action,object_id --limit 200`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.output.check(); err != nil {
				return err
			}
			var err error
			if o.query.From, err = parseSince(o.since, time.Now()); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runAuditList(ctx, e, s.Audit, o) })
		},
	}
	cmd.Flags().StringVar(&o.query.Actor, "actor", "", "only what this actor did")
	cmd.Flags().StringVar(&o.query.Action, "action", "", "only this action, or all on this object")
	cmd.Flags().StringVar(&o.query.ObjectID, "object", "", "only what was done to the object with this id")
	cmd.Flags().StringVar(&o.since, "since", "", "only since: a date, an RFC 3339 time, or 7d, 12h, 30m")
	cmd.Flags().IntVar(&o.page.Number, "page", 1, "which page, from 1")
	cmd.Flags().IntVar(&o.page.Limit, "limit", 50, "entries on a page, 1 to 200")
	o.output.register(cmd, auditColumns)
	return cmd
}

func runAuditList(ctx context.Context, e *env, log auditLog, o auditListOptions) error {
	entries, total, err := log.Entries(ctx, o.query, o.page)
	if err != nil {
		return err
	}
	l, err := auditListing(entries)
	if err != nil {
		return err
	}
	if err := o.output.print(e.Stdout, l); err != nil {
		return err
	}
	if o.output.format == "table" {
		e.sayPage(o.page, total, "entry")
	}
	return nil
}

// parseSince returns the moment that a date (its beginning in UTC), a time, or a time span before now means; the zero
// time for an empty text.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(n)), nil
		}
	}
	if span, err := time.ParseDuration(text); err == nil && span >= 0 {
		return now.Add(-span), nil
	}
	return time.Time{}, usagef("--since %q is neither a date (2026-01-31), nor an RFC 3339 time, nor a time span such as 7d, 12h or 30m", text)
}
