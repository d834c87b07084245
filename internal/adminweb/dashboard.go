package adminweb

import (
	"encoding/csv"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/statistics"
)

// dashboardPage is where one lands after signing in.
type dashboardPage struct {
	statistics.Dashboard
	Periods []periodLink
	Tiles   []tile
	Figures []figure
	// Waiting says that days are still being counted, if they are.
	Waiting string
}

// periodLink leads to the page of another period.
type periodLink struct {
	Text, Href string
	Here       bool
}

// tile is a number that stands for itself.
type tile struct{ Name, Value, Note string }

// showDashboard shows how much is played and how well, as charts with their tables; one of them alone as CSV.
func (p *Panel) showDashboard(w http.ResponseWriter, r *http.Request) error {
	period, err := periodOf(r)
	if err != nil {
		return err
	}
	d, err := p.stats.Dashboard(r.Context(), period)
	if err != nil {
		return err
	}
	all := figures(d)
	switch format := r.URL.Query().Get("format"); format {
	case "csv":
		return sendCSV(w, r, d, all)
	case "":
	default:
		return fault.Invalid("format", "%q is not allowed: csv, or none for the page", format)
	}
	view := dashboardPage{Dashboard: d, Figures: all, Tiles: tiles(d), Waiting: waiting(d)}
	for _, days := range statistics.Periods {
		view.Periods = append(view.Periods, periodLink{strconv.Itoa(days) + " days", "/admin?days=" + strconv.Itoa(days), days == period})
	}
	return p.render(w, r, http.StatusOK, page{Name: "dashboard", Title: "Dashboard", Section: "dashboard", Data: view})
}

// periodOf is the period that is asked for; which are allowed, the service says.
func periodOf(r *http.Request) (int, error) {
	days := r.URL.Query().Get("days")
	if days == "" {
		return statistics.DefaultPeriod, nil
	}
	n, err := strconv.ParseInt(days, 10, 32)
	if err != nil {
		return 0, fault.Invalid("days", "%q is not allowed: 7, 30 or 90", days)
	}
	return int(n), nil
}

func tiles(d statistics.Dashboard) []tile {
	within := "in " + strconv.Itoa(d.Period) + " days"
	speeches := 0
	for _, c := range d.Speeches {
		speeches += c.Speeches
	}
	return []tile{
		{"Learners today", strconv.Itoa(d.LearnersToday), "who have completed a game"},
		{"Learners", strconv.Itoa(d.LearnersWeek), "in 7 days"},
		{"Learners", strconv.Itoa(d.LearnersMonth), "in 30 days"},
		{"New users", strconv.Itoa(d.NewUsers), within},
		{"Games", strconv.Itoa(d.Sessions), within},
		{"Length of a game", lasting(d.AverageSeconds), "on average " + within},
		{"Sentences", strconv.Itoa(speeches), "now"},
	}
}

// lasting is a time as people write it: "3:05 min".
func lasting(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	length := time.Duration(*seconds * float64(time.Second)).Round(time.Second)
	if length < time.Minute {
		return strconv.Itoa(int(length.Seconds())) + " s"
	}
	return fmt.Sprintf("%d:%02d min", int(length.Minutes()), int(length.Seconds())%60)
}

func waiting(d statistics.Dashboard) string {
	if d.Pending == 0 {
		return ""
	}
	return count(d.Pending, "day has", "days have") + " not been counted yet. That takes a minute after an upgrade: look again soon."
}

// sendCSV sends one figure for a spreadsheet.
func sendCSV(w http.ResponseWriter, r *http.Request, d statistics.Dashboard, all []figure) error {
	wanted := r.URL.Query().Get("chart")
	i := slices.IndexFunc(all, func(f figure) bool { return f.ID == wanted })
	if i < 0 {
		names := make([]string, len(all))
		for k, f := range all {
			names[k] = f.ID
		}
		return fault.Invalid("chart", "%q is none of %s", wanted, strings.Join(names, ", "))
	}
	name := "englishctl-" + wanted + "-" + string(d.From) + "-to-" + string(d.To) + ".csv"
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	out := csv.NewWriter(w)
	_ = out.Write(all[i].Header)
	for _, record := range all[i].Records {
		for k := range record {
			record[k] = harmless(record[k])
		}
		_ = out.Write(record)
	}
	out.Flush() // a browser that is gone does not mind
	return nil
}

// harmless keeps a spreadsheet from taking a text for a formula (OWASP, "CSV Injection").
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
