package adminweb

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// perPage is how many lines a list shows.
const perPage = 50

// list is a page with a table.
type list struct {
	Intro   string
	Actions []link
	Filters []filter
	// Chosen are filters that are not in the form, as words with a link that removes them.
	Chosen  []link
	Columns []column
	Rows    [][]cell
	// Empty is said where there is no row.
	Empty string
	Pager pager
	// Caption describes the table to who cannot see it.
	Caption string
}

// filter is a field of the form above a list: a text, a date, or a choice where it has Options.
type filter struct {
	Name, Label, Value string
	Type               string // of the input: text where it is empty
	Hint               string
	Options            []option
	// Suggestions are a few values of many.
	Suggestions []string
}

type option struct {
	Value, Label string
	Selected     bool
}

type column struct {
	Title string
	// Sort is the address of the list sorted by this column, or the other way round; empty where it cannot be.
	Sort string
	// Sorted is ascending or descending where the list is sorted by this column (the words of aria-sort).
	Sorted string
}

type link struct {
	Text, Href string
	// Main is set for what one most likely came for.
	Main bool
	// Danger is set for what destroys.
	Danger bool
}

type cell struct {
	Text  string
	Href  string
	Class string
	At    time.Time
	Lines []string
}

func text(s string) cell            { return cell{Text: s} }
func small(s string) cell           { return cell{Text: s, Class: "id"} }
func number(n int) cell             { return cell{Text: strconv.Itoa(n), Class: "number"} }
func at(t time.Time) cell           { return cell{At: t} }
func linked(text, href string) cell { return cell{Text: text, Href: href} }
func idLink(text, href string) cell { return cell{Text: text, Href: href, Class: "id"} }
func titles(names ...string) []column {
	columns := make([]column, len(names))
	for i, name := range names {
		columns[i] = column{Title: name}
	}
	return columns
}

// sortable makes a column one that the list can be sorted by. up and down are the values of "sort" for the two directions.
func sortable(r *http.Request, title, up, down string) column {
	c := column{Title: title}
	next := down
	switch r.FormValue("sort") {
	case up:
		c.Sorted, next = "ascending", down
	case down:
		c.Sorted, next = "descending", up
	}
	c.Sort = with(r, "sort", next)
	return c
}

// pager leads through the pages of a list.
type pager struct {
	Number, Pages, Total int
	First, Last          int
	Previous, Next       string
}

func newPager(r *http.Request, p paging.Page, total, shown int) pager {
	pg := pager{Number: p.Number, Pages: max(1, p.Pages(total)), Total: total}
	if shown > 0 {
		pg.First = int(p.Offset()) + 1
		pg.Last = pg.First + shown - 1
	}
	if p.Number > 1 {
		pg.Previous = with(r, "page", strconv.Itoa(min(p.Number-1, pg.Pages)))
	}
	if p.Number < pg.Pages {
		pg.Next = with(r, "page", strconv.Itoa(p.Number+1))
	}
	return pg
}

// with is the address of the same list with one parameter changed; a list that is chosen anew begins at its first page.
func with(r *http.Request, name, value string) string {
	q := url.Values{}
	for key, values := range r.URL.Query() {
		if key != "page" && key != "said" && len(values) > 0 && values[0] != "" {
			q.Set(key, values[0])
		}
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}

// pageOf is the page that is asked for; whatever is no number is the first.
func pageOf(r *http.Request) paging.Page {
	n, err := strconv.ParseInt(r.URL.Query().Get("page"), 10, 32)
	if err != nil || n < 1 {
		n = 1
	}
	return paging.Page{Number: int(n), Limit: perPage}
}

// slice cuts a page out of what is in memory.
func slice[T any](all []T, p paging.Page) []T {
	first := min(p.Offset(), int64(len(all)))
	return all[first:min(first+int64(p.Limit), int64(len(all)))]
}

// choices are the options of a select with one that chooses nothing.
func choices[T ~string](none, selected string, values []T) []option {
	options := []option{{Value: "", Label: none, Selected: selected == ""}}
	return append(options, optionsOf(selected, values)...)
}

func optionsOf[T ~string](selected string, values []T) []option {
	options := make([]option, len(values))
	for i, v := range values {
		options[i] = option{Value: string(v), Label: words(string(v)), Selected: string(v) == selected}
	}
	return options
}

// words is a word of the API as people read it: "listen_only" as "listen only".
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// pathID returns the id in the path. One that is no UUID is nobody's.
func pathID(r *http.Request, name, what string) (uuid.UUID, error) {
	raw := mux.Vars(r)[name]
	id, err := uuid.Parse(raw)
	if err != nil || len(raw) != len(id.String()) {
		return uuid.Nil, fault.NotFound("there is no %s with this id", what)
	}
	return id, nil
}

// maxForm bounds a form without files.
const maxForm = 1 << 20

// readForm reads a form without files.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return brokenForm(err)
	}
	return nil
}

// brokenForm says why a form could not be read.
func brokenForm(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.TooLarge("what was sent is larger than %d MiB", tooLarge.Limit>>20)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &refusal{http.StatusRequestTimeout, "what was sent came too slowly"}
	}
	return fault.Invalid("form", "what was sent broke off or is no form").WithCause(errors.New(err.Error()))
}

// done leads on after something was done, so that reloading the page does not do it again.
func done(w http.ResponseWriter, r *http.Request, path, word string) error {
	http.Redirect(w, r, path+"?"+url.Values{"said": {word}}.Encode(), http.StatusSeeOther)
	return nil
}

// count is a number with its noun: "1 speech", "2 speeches".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
