package identity

import (
	"context"

	"github.com/englishapp/englishctl/internal/account"
)

// Reach fetches the keys of every provider that is configured, as the first sign-in would, and returns for each the error or nil.
// Facebook's is that of Limited Login.
func (p *Providers) Reach(ctx context.Context) map[account.Provider]error {
	sources := map[account.Provider]*openID{account.Google: p.google, account.Apple: p.apple, account.Facebook: p.limited}
	type answer struct {
		from account.Provider
		err  error
	}
	answers := make(chan answer, len(sources))
	asked := 0
	for name, source := range sources {
		if source == nil {
			continue
		}
		asked++
		go func() { answers <- answer{name, source.reach(ctx)} }()
	}
	said := make(map[account.Provider]error, asked)
	for range asked {
		a := <-answers
		said[a.from] = a.err
	}
	return said
}

func (o *openID) reach(ctx context.Context) error {
	r, err := o.keys.source.fetch(ctx, "")
	if err != nil {
		return err
	}
	_, err = parseKeys(r.body)
	return err
}
