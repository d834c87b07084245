package adminweb

import (
	"fmt"
	"strconv"

	"github.com/englishapp/englishctl/internal/adminweb/chart"
	"github.com/englishapp/englishctl/internal/statistics"
)

// figure is a chart with what it shows as a table, and for spreadsheets.
type figure struct {
	// ID is its name in addresses.
	ID, Title string
	// Intro says what is shown, Desc to who cannot see it what the picture is like.
	Intro, Desc string
	Chart       chart.Chart
	// Empty is said where there is nothing to draw.
	Empty   string
	Columns []column
	Rows    [][]cell
	// Open shows the table at once, Wide takes two places.
	Open, Wide bool
	CSV        string

	Header  []string
	Records [][]string
}

// figures are all of the dashboard, in the order of the page.
func figures(d statistics.Dashboard) []figure {
	all := []figure{
		daily(d, "learners", "Active learners", "Learners who have completed a game, by day.", "learners", func(day statistics.Day) *float64 { return number64(day.Learners) }),
		daily(d, "sessions", "Games", "Completed games, by day.", "sessions", func(day statistics.Day) *float64 { return number64(day.Sessions) }),
		daily(d, "duration", "Length of a game", "Seconds that a game took on average, by day.", "average_duration_seconds", func(day statistics.Day) *float64 { return day.AverageSeconds }),
		daily(d, "new-users", "New users", "Accounts that were made and still exist, by day.", "new_users", func(day statistics.Day) *float64 { return number64(day.NewUsers) }),
		speechFigure(d),
	}
	for _, s := range d.Scores {
		all = append(all, scoreFigure(s))
	}
	if len(d.Scores) == 0 {
		all = append(all, figure{
			ID: "scores", Title: "Scores", Intro: "How scores are distributed.", Empty: "Nothing was scored in these days.",
			Header: []string{"from", "to", "results"},
		})
	}
	for _, h := range d.Hardest {
		all = append(all, hardestFigure(h))
	}
	all = append(all, incorrectFigure(d), endpointFigure(d))
	for i := range all {
		all[i].CSV = fmt.Sprintf("/admin?chart=%s&days=%d&format=csv", all[i].ID, d.Period)
	}
	return all
}

func number64(n int) *float64 {
	f := float64(n)
	return &f
}

// daily is a figure of the days, of which value is what is shown.
func daily(d statistics.Dashboard, id, title, intro, name string, value func(statistics.Day) *float64) figure {
	f := figure{ID: id, Title: title, Intro: intro, Columns: titles("Day", title), Header: []string{"date", name}}
	var columns []chart.Column
	var most statistics.Day
	highest, any := 0.0, false
	every := (len(d.Days) + 5) / 6 // days between two names
	for i, day := range d.Days {
		v, text := value(day), "–"
		c := chart.Column{Value: v}
		record := []string{string(day.Date), ""}
		if v != nil {
			text = strconv.FormatFloat(*v, 'f', -1, 64)
			record[1] = text
			if *v > highest {
				highest, most, any = *v, day, true
			}
		}
		c.Tip = string(day.Date) + ": " + text
		if (len(d.Days)-1-i)%every == every/2 {
			c.Name = day.Date.Begin().Format("2 Jan")
		}
		columns = append(columns, c)
		f.Rows = append(f.Rows, []cell{{Text: string(day.Date), Class: "name"}, {Text: text, Class: "number"}})
		f.Records = append(f.Records, record)
	}
	if !any {
		f.Empty = map[string]string{"new-users": "Nobody has signed up in these days."}[id]
		if f.Empty == "" {
			f.Empty = "No game was completed in these days."
		}
		f.Rows = nil
		return f
	}
	f.Chart = chart.Columns(columns)
	f.Desc = fmt.Sprintf("One bar for each day from %s to %s. The highest is %s on %s.", d.From, d.To, strconv.FormatFloat(highest, 'f', -1, 64), longDay(most.Date))
	return f
}

func longDay(d statistics.Date) string { return d.Begin().Format("2 January") }

func speechFigure(d statistics.Dashboard) figure {
	f := figure{
		ID: "speeches", Title: "Sentences", Intro: "Sentences of each level and type, now.", Columns: titles("Level", "Type", "Sentences"),
		Header: []string{"level", "type", "speeches"},
	}
	var rows []chart.Row
	total := 0
	for i, c := range d.Speeches {
		n := strconv.Itoa(c.Speeches)
		total += c.Speeches
		rows = append(rows, chart.Row{
			Name: string(c.Level) + " " + string(c.Type), Words: n, Values: [2]float64{float64(c.Speeches)}, Series: i % 2,
			Tip: string(c.Level) + " " + string(c.Type) + ": " + n,
		})
		f.Rows = append(f.Rows, []cell{text(string(c.Level)), text(string(c.Type)), number(c.Speeches)})
		f.Records = append(f.Records, []string{string(c.Level), string(c.Type), n})
	}
	if total == 0 {
		f.Empty, f.Rows = "There are no sentences yet. Create one, or import many.", nil
		return f
	}
	f.Chart = chart.Rows(rows, 11, 0)
	f.Desc = fmt.Sprintf("One bar for each of %d levels and types, %s in all.", len(rows), count(total, "sentence", "sentences"))
	return f
}

// givenBy says who gave scores.
func givenBy(source string) string {
	switch source {
	case statistics.FromClient:
		return "reported by apps"
	case statistics.FromServer:
		return "given by the server before it noted its provider"
	default:
		return "given by " + source
	}
}

func scoreFigure(s statistics.Scores) figure {
	f := figure{
		ID: "scores-" + s.Source, Title: "Scores: " + s.Source,
		Intro:   fmt.Sprintf("%s %s, %s on average. Scores of different sources do not compare.", count(s.Results, "score", "scores"), givenBy(s.Source), score(&s.Average)),
		Columns: titles("Scores", "Results"), Header: []string{"source", "from", "to", "results"},
	}
	columns := make([]chart.Column, len(s.Buckets))
	most := 0
	for i, n := range s.Buckets {
		from, to := strconv.Itoa(10*i), strconv.Itoa(10*i+10)
		between := from + " to below " + to
		if i == len(s.Buckets)-1 {
			between = from + " to " + to
		}
		columns[i] = chart.Column{Value: number64(n), Name: from, Tip: between + ": " + strconv.Itoa(n)}
		f.Rows = append(f.Rows, []cell{{Text: between, Class: "name"}, number(n)})
		f.Records = append(f.Records, []string{s.Source, from, to, strconv.Itoa(n)})
		if n > s.Buckets[most] {
			most = i
		}
	}
	f.Chart = chart.Columns(columns)
	f.Desc = fmt.Sprintf("Ten bars, for scores in tens from 0 to 100. Most are from %d to %d.", 10*most, 10*most+10)
	return f
}

func hardestFigure(h statistics.Hardest) figure {
	f := figure{
		ID: "hardest-" + h.Source, Title: "Lowest scores: " + h.Source, Open: true, Wide: true,
		Intro:   fmt.Sprintf("Sentences with the lowest average, of those scored %d times or more; scores %s.", statistics.MinAttempts, givenBy(h.Source)),
		Columns: titles("No.", "Sentence", "Level", "Average", "Attempts", "Wrong"),
		Header:  []string{"source", "speech_id", "text", "level", "type", "average_score", "attempts", "incorrect"},
	}
	var rows []chart.Row
	for i, s := range h.Sentences {
		average := score(s.Average)
		rows = append(rows, chart.Row{Name: strconv.Itoa(i + 1), Words: average, Values: [2]float64{*s.Average}, Tip: s.Text + ": " + average})
		f.Rows = append(f.Rows, append(sentenceCells(i, s), cell{Text: average, Class: "number"}, number(s.Attempts), number(s.Incorrect)))
		f.Records = append(f.Records, []string{
			h.Source, s.SpeechID.String(), s.Text, string(s.Level), string(s.Type), average, strconv.Itoa(s.Attempts), strconv.Itoa(s.Incorrect),
		})
	}
	f.Chart = chart.Rows(rows, 2, 100)
	f.Desc = fmt.Sprintf("%s, numbered as in the table; a full bar is 100 points. The lowest average is %s.", count(len(rows), "bar", "bars"), score(h.Sentences[0].Average))
	return f
}

func sentenceCells(i int, s statistics.Sentence) []cell {
	return []cell{number(i + 1), {Text: s.Text, Href: "/admin/speeches/" + s.SpeechID.String(), Class: "sentence"}, text(string(s.Level))}
}

func incorrectFigure(d statistics.Dashboard) figure {
	f := figure{
		ID: "incorrect", Title: "Most often wrong", Open: true, Wide: true, Empty: "No answer was wrong in these days.",
		Intro:   "Sentences that learners have most often found themselves wrong at.",
		Columns: titles("No.", "Sentence", "Level", "Wrong", "Played"),
		Header:  []string{"speech_id", "text", "level", "type", "incorrect", "attempts"},
	}
	if len(d.MostIncorrect) == 0 {
		return f
	}
	f.Empty = ""
	var rows []chart.Row
	for i, s := range d.MostIncorrect {
		wrong := strconv.Itoa(s.Incorrect)
		rows = append(rows, chart.Row{Name: strconv.Itoa(i + 1), Words: wrong, Values: [2]float64{float64(s.Incorrect)}, Series: 1, Tip: s.Text + ": " + wrong})
		f.Rows = append(f.Rows, append(sentenceCells(i, s), number(s.Incorrect), number(s.Attempts)))
		f.Records = append(f.Records, []string{s.SpeechID.String(), s.Text, string(s.Level), string(s.Type), wrong, strconv.Itoa(s.Attempts)})
	}
	f.Chart = chart.Rows(rows, 2, 0)
	f.Desc = fmt.Sprintf("%s, numbered as in the table. The first sentence was wrong %s.", count(len(rows), "bar", "bars"), count(d.MostIncorrect[0].Incorrect, "time", "times"))
	return f
}

// chartedEndpoints is how many of the worst endpoints are drawn; the table has all.
const chartedEndpoints = 10

func endpointFigure(d statistics.Dashboard) figure {
	f := figure{
		ID: "errors", Title: "Errors by endpoint", Open: true, Wide: true, Empty: "No request was answered with an error in these days.",
		Intro:   "Answers with errors, of all daemons: first the server's (5xx, or cut off), then the client's (4xx).",
		Columns: titles("Endpoint", "Requests", "Server errors", "Client errors"),
		Header:  []string{"method", "route", "requests", "server_errors", "client_errors"},
	}
	if len(d.Endpoints) == 0 {
		return f
	}
	f.Empty = ""
	var rows []chart.Row
	for i, e := range d.Endpoints {
		name, server, client := e.Method+" "+e.Route, strconv.Itoa(e.ServerErrors), strconv.Itoa(e.ClientErrors)
		if i < chartedEndpoints {
			rows = append(rows, chart.Row{
				Name: strconv.Itoa(i + 1), Words: server + " + " + client, Values: [2]float64{float64(e.ServerErrors), float64(e.ClientErrors)}, Series: 1,
				Tip: name + ": " + server + " server errors, " + client + " client errors",
			})
		}
		f.Rows = append(f.Rows, []cell{{Text: name, Class: "sentence"}, number(e.Requests), number(e.ServerErrors), number(e.ClientErrors)})
		f.Records = append(f.Records, []string{e.Method, e.Route, strconv.Itoa(e.Requests), server, client})
	}
	f.Chart = chart.Rows(rows, 2, 0)
	f.Desc = fmt.Sprintf("%s, in the order of the table: server errors, and beside them client errors.", count(len(rows), "bar", "bars"))
	return f
}
