package mail

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"strings"
	"text/template"

	"github.com/englishapp/englishctl/internal/account"
)

//go:embed templates
var templates embed.FS

var (
	texts = template.Must(template.ParseFS(templates, "templates/*.txt"))
	page  = htmltemplate.Must(htmltemplate.ParseFS(templates, "templates/letter.html"))
)

// kinds says for each purpose what the mail is called, and which page of the app its link opens.
var kinds = map[account.Purpose]struct{ subject, page string }{
	account.ProveEmail:    {"Confirm your e-mail address", "verify-email"},
	account.ResetPassword: {"Set a new password", "reset-password"},
}

// rendered is a letter as it is read.
type rendered struct{ subject, text, html string }

// render writes the letter. Its HTML form says what the text says, so that there is one wording.
func render(l account.Letter, appURL *url.URL) (rendered, error) {
	kind, known := kinds[l.Purpose]
	if !known {
		return rendered{}, fmt.Errorf("there is no mail for the purpose %q", l.Purpose)
	}
	link := appURL.JoinPath(kind.page)
	link.RawQuery = url.Values{"token": {l.Token}}.Encode()
	var text, html strings.Builder
	err := texts.ExecuteTemplate(&text, string(l.Purpose)+".txt", map[string]any{
		"Link": link.String(), "Minutes": int(l.ValidFor.Minutes()),
	})
	if err != nil {
		return rendered{}, fmt.Errorf("write the text of a mail: %w", err)
	}
	err = page.Execute(&html, map[string]any{
		"Subject": kind.subject, "Link": link.String(), "Paragraphs": paragraphs(text.String()),
	})
	if err != nil {
		return rendered{}, fmt.Errorf("write the HTML of a mail: %w", err)
	}
	return rendered{kind.subject, text.String(), html.String()}, nil
}

// paragraphs are what blank lines part, each in one line.
func paragraphs(text string) []string {
	found := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range found {
		found[i] = strings.Join(strings.Fields(p), " ")
	}
	return found
}
