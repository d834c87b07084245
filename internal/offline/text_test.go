package offline

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestReadAloud: how texts are read aloud.
func TestReadAloud(t *testing.T) {
	m := testModel(t)
	for text, want := range map[string]string{
		"What do you eat for breakfast?":          "what do you eat for breakfast",
		"It's 7:30 p.m.":                          "it's seven thirty p. m.",
		"It’s 7:00 PM":                            "it's seven pm",
		"at 7:00":                                 "at seven o'clock",
		"at 3:05, please":                         "at three oh five please",
		"7:30pm":                                  "seven thirty p. m.",
		"“Don’t!” she said.":                      "don't she said",
		"Mr. Smith, Mrs. Jones and Dr. Who":       "mister smith missus jones and doctor who",
		"5 min. later":                            "five minutes later",
		"I said no.":                              "i said no",
		"a well-known café…":                      "a well-known cafe",
		"a blue-eyed, ice-cold zebra–lion":        "a blue eyed ice cold zebra lion",
		"in 1999, 2005, 1905, 1900 and 2024":      "in nineteen ninety nine two thousand five nineteen oh five nineteen hundred and twenty twenty four",
		"the 1990s and the '80s":                  "the nineteen nineties and the eighties",
		"on the 21st, 3rd, 12th and 30th":         "on the twenty first third twelfth and thirtieth",
		"$5, $1, $5.50 and £1,000":                "five dollars one dollar five dollars fifty cents and one thousand pounds",
		"50% of 1,234,567":                        "fifty percent of one million two hundred thirty four thousand five hundred sixty seven",
		"3.14 or -5 or 0.5":                       "three point one four or minus five or zero point five",
		"1/2 and 3/4 and ½":                       "one half and three quarters and one half",
		"call 0123456789":                         "call zero one two three four five six seven eight nine",
		"10km, 20 °, 5kg":                         "ten kilometers twenty degrees five kilograms",
		"the U.S.A. and the BBC":                  "the u. s. a. and the bbc",
		"bread & butter + jam":                    "bread and butter plus jam",
		"rock 'n' roll":                           "rock n roll",
		"the dogs' bowls and James's":             "the dogs' bowls and james's",
		"A4 paper":                                "a four paper",
		"– * ...":                                 "",
		"naïve Zürich":                            "naive zurich",
		"He is 100 years and 15 days old":         "he is one hundred years and fifteen days old",
		strings.Repeat("9", 30):                   strings.TrimSpace(strings.Repeat("nine ", 30)),
		"1,2,3":                                   "one hundred twenty three",
		"<b>bold</b>":                             "b bold b",
		"e-mail me@example.com":                   "e-mail me at example dot com",
		"I'm Sam. We're here, aren't we? I'd've.": "i'm sam we're here aren't we i'd've",
		"12 o'clock":                              "twelve o'clock",
		"no. 5":                                   "number five",
		"No. I don't like it.":                    "no i don't like it",
		"No. 5, no. 12 and No, 5":                 "number five number twelve and no five",
		"He sat. The sun. A fig. We wed.":         "he sat the sun a fig we wed",
		"Sat. 5 May, Sun. 9:00, Wed. 3rd":         "saturday five may sunday nine o'clock wednesday third",
		"Mar. 3, Jan. 2024 and Fig. 2":            "march three january twenty twenty four and figure two",
		"Jan. He is 5. No. We're in Mar.":         "jan he is five no we're in mar",
		"in Sept. and on Fri.":                    "in september and on friday",
		"10 sec. or 1 min.":                       "ten seconds or one minute",
		"Min. and sec. I am 5. Sec.":              "min and sec i am five sec",
		"5 km, 75 km/h, 10 kg and 3 cm":           "five kilometers seventy five kilometers per hour ten kilograms and three centimeters",
		"1 km, 1kg, 1.5 m, 75km/h, 7 am":          "one kilometer one kilogram one point five meters seventy five kilometers per hour seven a. m.",
		"20°C, 68 °F, 1°, -5°":                    "twenty degrees celsius sixty eight degrees fahrenheit one degree minus five degrees",
		"I am 5, m is a letter":                   "i am five m is a letter",
		"$1.5 million, £2 billion, €3 trillion.":  "one point five million dollars two billion pounds three trillion euros",
		"$1 million, $10 thousand and 5 million":  "one million dollars ten thousand dollars and five million",
		"$5m, $5bn, £20k and €1.25tn":             "five million dollars five billion dollars twenty thousand pounds and one point two five trillion euros",
		"20€, 20 €, 20 £ and 1 €":                 "twenty euros twenty euros twenty pounds and one euro",
		"50¢, ¥500 and 2.50€":                     "fifty cents five hundred yen and two euros fifty cents",
		"$1.5 and $1.50":                          "one point five dollars and one dollar fifty cents",
		"$5, million, $5. Million, 5€ m":          "five dollars million five dollars million five euros m",
		"Call 555-1234, or (555) 123-4567.":       "call five five five one two three four or five five five one two three four five six seven",
		"1-800-555-1234":                          "one eight zero zero five five five one two three four",
		"Dial 911! He called 999.":                "dial nine one one he called nine nine nine",
		"A12 555-1234":                            "a twelve five five five one two three four",
		"911 people, 555 or 10-12":                "nine hundred eleven people five hundred fifty five or ten twelve",
		"open 24/7, 50/50 on 9/11":                "open twenty four seven fifty fifty on nine eleven",
		"2+2=4, R&D, 18+ and 3×4":                 "two plus two equals four r and d eighteen plus and three times four",
		"www.google.com, or Example.org.":         "w. w. w. dot google dot com or example dot org",
		"sam.lee2@mail.co.uk":                     "sam dot lee two at mail dot co dot uk",
		"the same.I opened WWW":                   "the same i opened w. w. w.",
		"World War II. Henry VIII, Chapter IV":    "world war two henry eight chapter four",
		"Louis XIV and Part XX":                   "louis fourteen and part twenty",
		"Sam, I am. Malcolm X has Vitamin V":      "sam i am malcolm x has vitamin v",
		"He and I saw Xi. Right, VI":              "he and i saw xi right vi",
		"on Main St. at noon. 12 Oak St, Boston":  "on main street at noon twelve oak street boston",
		"the old church of St. Peter, a St.":      "the old church of saint peter a saint",
		"In St. Petersburg, on Elm St.":           "in saint petersburg on elm street",
		"2/3, 3/2, 1/10":                          "two thirds three halves one tenth",
	} {
		var said []string
		for _, token := range m.speak(text) {
			said = append(said, token.spoken...)
		}
		if got := strings.Join(said, " "); got != want {
			t.Errorf("%s\n\tis read %q\n\twant    %q", text, got, want)
		}
	}
}

// TestTables: whatever a table makes of a sign or an abbreviation is in the dictionary.
func TestTables(t *testing.T) {
	m := testModel(t)
	var said []string
	for _, table := range []map[string]string{titles, abbreviations, beforeNumbers, symbols, units, magnitudes, sayings} {
		said = slices.AppendSeq(said, maps.Values(table))
	}
	for _, names := range currencies {
		said = append(said, names[:]...)
	}
	for _, unit := range units {
		said = append(said, sayUnit(unit, "1")...)
	}
	for _, word := range strings.Fields(strings.Join(said, " ")) {
		if !m.words.has(word) {
			t.Errorf("%s", word)
		}
	}
}

// TestWritten: each word keeps its spelling, so that the marks can be put beside it.
func TestWritten(t *testing.T) {
	m := testModel(t)
	var written []string
	for _, token := range m.speak("“It’s 7:30 p.m.”, said – Zoë & me: cafe\u0301 au lait—now.") {
		written = append(written, token.written)
	}
	if got := strings.Join(written, "|"); got != "It’s|7:30|p.m|said|Zoë|&|me|café|au|lait|now" {
		t.Errorf("got %s", got)
	}
}

// TestSounds: of words that the dictionary does not have.
func TestSounds(t *testing.T) {
	m := testModel(t)
	for word, want := range map[string]string{
		"googling": "G UW G L IH NG", "smartphones": "S M AA R T F OW N Z", "unfriended": "AH N F R EH N D IH D", "selfies": "S EH L F IY Z",
		"zorb": "Z AO R B", "shaytown": "SH EY T AW N", "kniffle": "N IH F AH L", "blathing": "B L AE TH IH NG", "phlox": "F L AA K S", "chutney": "CH AH T N IY",
	} {
		found := m.letters.sounds(word)
		if len(found) == 0 || m.spelled(found[0]) != want {
			t.Errorf("%s: want %s", word, want)
			for _, v := range found {
				t.Log(m.spelled(v))
			}
		}
	}
	for _, word := range []string{"москва", "東京", "مرحبا"} {
		if found := m.letters.sounds(word); found != nil {
			t.Errorf("%s: %s", word, m.spelled(found[0]))
		}
	}
}

// TestSpellingRules: of the words of the dictionary, the rules get four of five sounds right.
func TestSpellingRules(t *testing.T) {
	m := testModel(t)
	right, all, n := 0, 0, 0
	for word := range m.words.entries {
		if word[0] < 'a' || strings.ContainsAny(word, "'.-(") || len(word)*7919%31 != int(word[len(word)/2])%31 {
			continue // a sample that is always the same
		}
		want := m.letters.firstOf(word)
		right += len(want) - edits(m.letters.guess(word), want)
		all += len(want)
		n++
	}
	if share := float64(right) / float64(all); n < 1000 || share < 0.79 {
		t.Errorf("%d words, %.3f of their sounds right", n, share)
	}
}

// edits counts how many sounds have to be changed (Levenshtein's distance).
func edits(a, b []phone) int {
	before := make([]int, len(b)+1)
	for j := range before {
		before[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(before[j]+change, before[j+1]+1, row[j]+1)
		}
		before = row
	}
	return before[len(b)]
}

// FuzzText: any text is read aloud, or has no words.
func FuzzText(f *testing.F) {
	m := testModel(f)
	for _, s := range []string{"It's 7:30 p.m.", "$1,000,000.00", "1/0", "-", "A.B.C.D", "99:99", "0th", "'", "é\u0301", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		for _, token := range m.speak(text) {
			if len(token.spoken) != len(token.sounds) || token.written == "" {
				t.Errorf("%+v", token)
			}
		}
	})
}
