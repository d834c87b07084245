package cli

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// What cobra's pages have that is better otherwise.
var (
	manTitle = regexp.MustCompile(`(?m)^\.TH "([^"]*)".*$`)
	// manOption is an option: cobra puts its meaning behind a tab, where a list would have it below.
	manOption = regexp.MustCompile(`(?m)^(?:\.PP\n)?(\\fB-.*)\n\t`)
	// manValue is the value of an option: that a switch is off where it is not given goes without saying.
	manValue = strings.NewReplacer("[=false]\n", "\n", "=\"\"\n", "=VALUE\n", "=[]\n", "=VALUE\n")
)

// manPage is the page of a command in roff, in ASCII. The page of the program itself has the sections as well.
func manPage(cmd *cobra.Command, date time.Time, sections string) ([]byte, error) {
	cmd.DisableAutoGenTag = true // else the page says on which day it was written, and by what
	var drawn bytes.Buffer
	if err := doc.GenMan(cmd, &doc.GenManHeader{Section: "1", Date: &date}, &drawn); err != nil {
		return nil, err
	}
	page := manValue.Replace(drawn.String())
	page = manOption.ReplaceAllString(page, ".TP\n$1\n")
	day := ""
	if !date.IsZero() {
		day = date.Format(time.DateOnly)
	}
	title := fmt.Sprintf(`.TH "$1" "1" "%s" "englishctl %s" "englishctl manual"`, day, telemetry.Version().Version)
	page = manTitle.ReplaceAllString(page, title)
	if !cmd.HasParent() {
		page = strings.Replace(page, ".SH SEE ALSO\n", sections+".SH SEE ALSO\n", 1)
	}
	return []byte(inASCII(page)), nil
}

// mainSections are the sections of the program's own page that cobra knows nothing of.
func mainSections() (string, error) {
	_, settings, err := config.Load(config.Options{}) // the defaults
	if err != nil {
		return "", err
	}
	variables := []manItem{
		{"NO_COLOR", "Print without colour, if it is not empty."},
		{"TERM", `Neither colour nor progress bars, if it is empty or "dumb".`},
		{"SOURCE_DATE_EPOCH", `The date of the pages that "englishctl man" writes, in seconds since 1970.`},
	}
	for _, s := range settings.Effective() {
		variables = append(variables, manItem{s.Name, settingInMan(s)})
	}
	return manSection("EXIT STATUS", exitStatuses) + manSection("ENVIRONMENT", variables) + manSection("FILES", manFiles), nil
}

// settingInMan is what the page says about a setting.
func settingInMan(s config.EffectiveSetting) string {
	text := strings.ToUpper(s.Help[:1]) + s.Help[1:] + "."
	if s.Value != "" {
		text += " Default: " + s.Value + "."
	}
	if s.Secret {
		text += " Or " + s.Name + "_FILE, the path of a file that holds it."
	}
	return text
}

var manFiles = []manItem{
	{"$XDG_CONFIG_HOME/englishctl/credentials.json", "The daemons that were signed in to, with their tokens; below ~/.config where XDG_CONFIG_HOME is not set."},
	{".env", "Settings as NAME=value, in the working directory; see --env-file."},
	{"./data", "The data directory (DATA_DIR), where no other stores are set: the database englishctl.db, the recordings in audio/, and the signing key jwt.key."},
}

// manItem is a line of a list with its explanation.
type manItem struct{ name, text string }

func manSection(title string, items []manItem) string {
	var out strings.Builder
	fmt.Fprintf(&out, ".SH %s\n", title)
	for _, item := range items {
		fmt.Fprintf(&out, ".TP\n\\fB%s\\fP\n%s\n", inRoff(item.name), inRoff(item.text))
	}
	return out.String() + "\n"
}

// inRoff escapes what roff would take for something else.
func inRoff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}

// inASCII writes other characters as escapes of groff and mandoc: not every reader expects UTF-8.
func inASCII(page string) string {
	var out strings.Builder
	for _, r := range page {
		if r < 0x80 {
			out.WriteRune(r)
			continue
		}
		fmt.Fprintf(&out, `\[u%04X]`, r)
	}
	return out.String()
}
