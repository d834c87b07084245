package app

import (
	"context"
	"net/http"
	"time"

	"github.com/englishapp/englishctl/internal/adminweb"
	"github.com/englishapp/englishctl/internal/httpapi"
)

// panel is the pages for editors with the API that serves them, each of which needs something of the other.
type panel struct {
	web *adminweb.Panel
	api *httpapi.API
}

// panel builds the pages over the services.
func (d *Daemon) panel(imports countedImports) *panel {
	p := &panel{}
	p.web = adminweb.New(adminweb.Deps{
		Accounts: d.Accounts, Catalog: d.Catalog, Practice: d.Practice, Imports: imports, Audit: d.Audit, Stats: d.Stats, Scores: d.Scores, Guesses: p,
	}, adminweb.Config{
		Log: d.log, PublicURL: d.cfg.HTTP.PublicURL, OverHTTPS: func(r *http.Request) bool { return p.api.OverHTTPS(r) },
	})
	return p
}

// CountGuess counts where the API counts.
func (p *panel) CountGuess(ctx context.Context, account string) (time.Duration, error) {
	return p.api.CountGuess(ctx, account)
}

// pages are the panel's in httpapi's type.
func (p *panel) pages() []httpapi.Page {
	var pages []httpapi.Page
	for _, pg := range p.web.Pages() {
		pages = append(pages, httpapi.Page{
			Method: pg.Method, Path: pg.Path, Handler: pg.Handler, Time: pg.Time, SignsIn: pg.SignsIn, Scores: pg.Scores, Asset: pg.Asset,
			Refuse: p.web.Refuse,
		})
	}
	return pages
}
