package seeding

import "strings"

// words makes a list of words or phrases that are separated by bars.
func words(list string) []string { return strings.Split(list, "|") }

// join makes one list of several.
func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// each puts every word of a list into a phrase, at the place of its star.
func each(phrase string, list []string) []string {
	phrases := make([]string, len(list))
	for i, word := range list {
		phrases[i] = strings.Replace(phrase, "*", word, 1)
	}
	return phrases
}

var (
	women = words("Anna|Carla|Diana|Emma|Grace|Hannah|Irina|Julia|Kate|Laura|Maria|Nina|Olivia|Paula|Rosa|Sara|Tina|Vera|" +
		"Yuki|Zoe|Amina|Leila|Mei|Priya")
	men = words("Adam|Ben|Daniel|David|Erik|Felix|George|Hugo|Ivan|Jack|Karim|Leo|Marco|Nico|Omar|Pedro|Raj|Sam|Tom|" +
		"Victor|Yusuf|Hiro|Amir|Paul")
	relatives = words("my brother|my sister|my mother|my father|my aunt|my uncle|my cousin|my grandmother|my grandfather|" +
		"my best friend|my neighbor|my roommate|my daughter|my son|my husband|my wife")

	cities = words("Lima|Oslo|Madrid|Lisbon|Paris|Rome|Berlin|Vienna|Prague|Warsaw|Athens|Istanbul|Cairo|Nairobi|Lagos|Accra|" +
		"Dakar|Casablanca|Tunis|Mumbai|Delhi|Dhaka|Karachi|Colombo|Bangkok|Hanoi|Manila|Jakarta|Singapore|Seoul|Tokyo|Osaka|" +
		"Beijing|Shanghai|Sydney|Melbourne|Auckland|Toronto|Montreal|Vancouver|Chicago|Boston|Seattle|Denver|Bogota|Quito|" +
		"Santiago|Havana")

	hours    = words("one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve")
	weekdays = words("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday")
	months   = words("January|February|March|April|May|June|July|August|September|October|November|December")
)

// shared are the lists that the patterns of all levels may name.
var shared = map[string][]string{
	"person":  join(women, men),
	"someone": join(women, men, relatives), // one person, who takes a verb with an s
	"city":    cities,
	"here":    cities[:24], // two cities in one sentence are never the same
	"there":   cities[24:],
	"clock":   join(each("* o'clock", hours), each("half past *", hours), each("a quarter past *", hours)),
	"weekday": weekdays,
	"mondays": each("on *s", weekdays),
	"past": join(words("yesterday|last week|last weekend|last month|last summer|two days ago|three weeks ago|a month ago|a year ago"),
		each("last *", weekdays)),
	"future": join(words("tomorrow|tomorrow morning|tomorrow evening|next week|next month|this weekend|this summer|later today"),
		each("on *", weekdays), each("next *", weekdays)),
	"month": each("in *", months),
}
