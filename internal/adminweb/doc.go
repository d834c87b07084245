// Package adminweb is the panel at /admin: pages in which editors look after sentences, tags, accounts, games and imports.
//
// It owns the pages, the session cookie and what keeps strangers' pages from using it (docs/decisions/admin-panel.md). It has
// no rule of the product: every page calls the services that the API and the commands call. It works without script; what
// there is of it only saves a click.
package adminweb
