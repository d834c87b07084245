package offline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// speller knows how words are read aloud: those of the dictionary, and, by rules, others.
type speller struct {
	words *dictionary
	rules []spelling
}

// titles and the like are always read in full, with or without their point.
var titles = map[string]string{
	"mr": "mister", "mrs": "missus", "ms": "ms", "dr": "doctor", "prof": "professor", "st": "saint", "jr": "junior", "sr": "senior", "vs": "versus",
	"etc": "et cetera", "www": "w. w. w.",
}

// abbreviations are read in full where a point ends them.
var abbreviations = map[string]string{
	"mt": "mount", "dept": "department", "govt": "government", "approx": "approximately", "feb": "february", "apr": "april", "aug": "august",
	"sept": "september", "sep": "september", "oct": "october", "nov": "november", "dec": "december", "mon": "monday", "tue": "tuesday",
	"tues": "tuesday", "thu": "thursday", "thurs": "thursday", "fri": "friday", "ave": "avenue", "rd": "road", "blvd": "boulevard",
	"e.g": "for example", "i.e": "that is",
}

// beforeNumbers are abbreviations that are words, or names, as well: a point ends sentences, too, so only a number behind it tells.
var beforeNumbers = map[string]string{
	"no": "number", "fig": "figure", "jan": "january", "mar": "march", "wed": "wednesday", "sat": "saturday", "sun": "sunday",
}

// roman are the numerals by their values, without those that are letters as well.
var roman = strings.Fields("- - II III IV - VI VII VIII IX - XI XII XIII XIV XV XVI XVII XVIII XIX XX")

// symbols stand for a word of their own.
var symbols = map[string]string{"&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "number", "°": "degrees", "×": "times"}

// read says how a word of a text is read aloud, in small letters; nothing for a dash and the like. Its neighbours decide whether "7:00"
// has an "o'clock", and "No." is a number.
func (s *speller) read(word, preceding, following string) []string {
	word = strings.Trim(word, `"()[]{}<>,;!?*_~|`)
	if said := readMagnitude(word, preceding); said != nil {
		return said
	}
	if said := readUnit(word, preceding); said != nil {
		return said
	}
	if said, ok := symbols[word]; ok {
		return []string{said}
	}
	if said := s.readNumber(word, preceding, following); said != nil {
		return said
	}
	if said := readAfterName(word, preceding, following); said != nil {
		return said
	}
	bare := strings.ToLower(strings.Trim(word, ".:'"))
	if said, ok := titles[bare]; ok && !s.shouted(word) {
		return strings.Fields(said)
	}
	if strings.HasSuffix(word, ".") {
		if said, ok := abbreviations[bare]; ok {
			return strings.Fields(said)
		}
		if said, ok := beforeNumbers[bare]; ok && beginsWithDigit(following) {
			return []string{said}
		}
	}
	return s.readWord(word)
}

// readAfterName reads what has another sense behind a name: "World War II", and "Main St." where no other name follows, as in "St. Peter".
func readAfterName(word, preceding, following string) []string {
	if !capitalized(preceding) {
		return nil
	}
	bare := strings.Trim(word, ".:'")
	if bare == "St" && !capitalized(following) {
		return []string{"street"}
	}
	if n := slices.Index(roman, bare); n > 0 {
		return sayCount(n)
	}
	return nil
}

func capitalized(word string) bool {
	first, _ := utf8.DecodeRuneInString(trimSigns(word))
	return unicode.IsUpper(first)
}

// readMagnitude reads the "million" of "$1.5 million", whose currency is said behind it; nil where the word is not one.
func readMagnitude(word, preceding string) []string {
	if !isMagnitude(word) {
		return nil
	}
	m := money().FindStringSubmatch(preceding)
	if m == nil || m[1] == "" || m[4] != "" {
		return nil
	}
	return []string{magnitudes[strings.ToLower(trimSigns(word))], currencies[m[1]][1]}
}

// readUnit reads a unit that is written apart from its number, or returns nil where the word is not one.
func readUnit(word, preceding string) []string {
	name, ok := units[strings.TrimRight(word, ".:")]
	if !ok || !endsWithDigit(preceding) {
		return nil
	}
	return sayUnit(name, trimSigns(preceding))
}

func beginsWithDigit(word string) bool {
	word = trimSigns(word)
	return word != "" && isDigit(word[0])
}

func endsWithDigit(word string) bool { return word != "" && isDigit(word[len(word)-1]) }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// shouted reports whether a word of more than one letter is in capitals: "ST" is not "St".
func (s *speller) shouted(word string) bool {
	letters := trimSigns(word)
	return len(letters) > 2 && strings.ToUpper(letters) == letters
}

var (
	dotted  = pattern(`^(?:\pL\.)+\pL?\.?$`)
	address = pattern(`^(?:www\..+|.+@\pL.*\.\pL+|.+\.(?:com|org|net|edu|gov))$`)
	pieces  = pattern(`[&+=@×]|[\pL\p{Nd}']+`)
)

// readWord reads letters, hyphens, apostrophes, and signs between them.
func (s *speller) readWord(word string) []string {
	lower := strings.ToLower(word)
	if dotted().MatchString(lower) && len(lower) > 2 { // "p.m.", "U.S."
		return spellOut(lower)
	}
	lower = strings.Trim(lower, ".:")
	for _, as := range []string{lower, strings.Trim(lower, "'")} {
		if s.words.has(as) {
			return []string{as}
		}
	}
	if address().MatchString(lower) {
		lower = strings.ReplaceAll(lower, ".", " dot ")
	}
	parts := pieces().FindAllString(lower, -1)
	if len(parts) > 1 {
		var said []string
		for i, part := range parts {
			preceding, following := neighbours(parts, i)
			said = append(said, s.read(part, preceding, following)...)
		}
		return said
	}
	if len(parts) == 0 {
		return nil
	}
	if part := parts[0]; part != word && part != lower {
		return s.read(part, "", "")
	}
	return s.readUnknown(trimSigns(word))
}

// maxAcronym is how many capitals are read letter by letter; more are somebody who shouts.
const maxAcronym = 5

// readUnknown reads a word that no dictionary has: an acronym by its letters, "A4" by its parts, and the others as they are spelled.
func (s *speller) readUnknown(word string) []string {
	if word == "" {
		return nil
	}
	if mixed := splitDigits(word); len(mixed) > 1 {
		var said []string
		for _, part := range mixed {
			said = append(said, s.read(part, "", "")...)
		}
		return said
	}
	if len(word) <= maxAcronym && strings.ToUpper(word) == word {
		return spellOut(strings.ToLower(word))
	}
	return []string{strings.ToLower(word)}
}

// spellOut returns the letters of a word.
func spellOut(word string) (letters []string) {
	for _, r := range word {
		if unicode.IsLetter(r) {
			letters = append(letters, string(r)+".")
		}
	}
	return letters
}

// splitDigits parts letters from digits.
func splitDigits(word string) (parts []string) {
	begin, before := 0, false
	for i, r := range word {
		digit := unicode.IsDigit(r)
		if i > 0 && digit != before {
			parts, begin = append(parts, word[begin:i]), i
		}
		before = digit
	}
	return append(parts, word[begin:])
}

// pattern compiles an expression when it is first asked for: every command starts with this package, and few score.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var (
	clockTime  = pattern(`^(\d{1,2}):(\d\d)([ap]\.?m\.?)?[.:]?$`)
	money      = pattern(`^([$£€¥])?(\d[\d,]*)(\.\d+)?(k|m|bn|tn)?([$£€¥])?[.:]?$`)
	ordinal    = pattern(`(?i)^(\d[\d,]*)(?:st|nd|rd|th)[.:]?$`)
	fraction   = pattern(`^(\d{1,2})/(\d{1,2})[.:]?$`)
	telephone  = pattern(`^(?:\d{1,3}-)*\d{3}-\d{4}[.:]?$`)
	areaCode   = pattern(`^\d{3}$`)
	dialling   = pattern(`^(?i:call|dial|phone|ring)\pL*$`)
	decade     = pattern(`^'?(\d\d|\d{4})'?s[.:]?$`)
	plainValue = pattern(`^([-+])?(\d[\d,]*)?(\.\d+)?(\D*?)[.:]?$`)
)

var currencies = map[string][3]string{
	"$": {"dollar", "dollars", "cents"}, "£": {"pound", "pounds", "pence"}, "€": {"euro", "euros", "cents"}, "¥": {"yen", "yen", "sen"},
}

// magnitudes stand between the amount and its currency.
var magnitudes = map[string]string{
	"k": "thousand", "m": "million", "bn": "billion", "tn": "trillion", "thousand": "thousand", "million": "million", "billion": "billion",
	"trillion": "trillion",
}

// emergencies are numbers to call.
var emergencies = map[string]bool{"911": true, "999": true, "112": true}

// sayings are no fractions.
var sayings = map[string]string{"24/7": "twenty four seven", "50/50": "fifty fifty", "20/20": "twenty twenty", "9/11": "nine eleven"}

// units stand behind a number, with or without a space.
var units = map[string]string{
	"%": "percent", "°": "degrees", "°C": "degrees celsius", "°F": "degrees fahrenheit", "km": "kilometers",
	"km/h": "kilometers per hour", "kg": "kilograms", "cm": "centimeters", "mm": "millimeters", "m": "meters", "g": "grams", "min": "minutes", "sec": "seconds",
	"am": "a. m.", "pm": "p. m.", "a.m": "a. m.", "p.m": "p. m.", "$": "dollars", "£": "pounds", "€": "euros", "¥": "yen", "¢": "cents",
}

// readNumber reads what is made of digits, or returns nil where the word is not.
func (s *speller) readNumber(word, preceding, following string) []string {
	if !strings.ContainsFunc(word, unicode.IsDigit) {
		return nil
	}
	if isTelephone(word, preceding, following) {
		return sayDigits(word)
	}
	if said, ok := sayings[strings.TrimRight(word, ".:")]; ok {
		return strings.Fields(said)
	}
	if m := clockTime().FindStringSubmatch(word); m != nil {
		return sayTime(number(m[1]), number(m[2]), m[3], following)
	}
	if said := readMoney(word, following); said != nil {
		return said
	}
	if m := ordinal().FindStringSubmatch(word); m != nil {
		return sayOrdinal(number(m[1]))
	}
	if m := fraction().FindStringSubmatch(word); m != nil {
		return sayFraction(number(m[1]), number(m[2]))
	}
	if m := decade().FindStringSubmatch(word); m != nil {
		return plural(sayYear(number(m[1])))
	}
	if m := plainValue().FindStringSubmatch(word); m != nil && m[2]+m[3] != "" {
		if unit, ok := units[m[4]]; ok || m[4] == "" {
			return sayValue(m[1], m[2], m[3], unit)
		}
	}
	return nil
}

// number reads digits with commas. More digits than a number has room for are read one by one elsewhere.
func number(digits string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(digits, ",", ""))
	if err != nil {
		return 0
	}
	return n
}

func sayTime(hour, minute int, half, following string) []string {
	said := sayCount(hour)
	follows := strings.ToLower(trimSigns(following))
	switch {
	case minute > 0 && minute < 10:
		said = append(append(said, "oh"), sayCount(minute)...)
	case minute > 0:
		said = append(said, sayCount(minute)...)
	case half == "" && follows != "am" && follows != "pm" && follows != "a.m" && follows != "p.m":
		said = append(said, "o'clock")
	}
	return append(said, spellOut(half)...)
}

// isTelephone reports whether a number is read digit by digit: "555-1234", the code before it, and "911" to who is to call it.
func isTelephone(word, preceding, following string) bool {
	return telephone().MatchString(word) || areaCode().MatchString(word) && telephone().MatchString(trimSigns(following)) ||
		emergencies[strings.TrimRight(word, ".:")] && dialling().MatchString(preceding)
}

// readMoney reads an amount with the sign of its currency before or behind it, or returns nil.
func readMoney(word, following string) []string {
	m := money().FindStringSubmatch(word)
	if m == nil || (m[1] == "") == (m[5] == "") {
		return nil
	}
	if m[1] != "" && m[4] == "" && !strings.HasSuffix(word, ".") && isMagnitude(following) {
		return sayValue("", m[2], m[3], "") // the currency is read behind the magnitude
	}
	return sayMoney(currencies[m[1]+m[5]], m[2], m[3], magnitudes[m[4]])
}

func isMagnitude(word string) bool { return magnitudes[strings.ToLower(trimSigns(word))] != "" }

// sayMoney reads an amount. Only two decimals without a magnitude are coins.
func sayMoney(names [3]string, whole, decimals, magnitude string) []string {
	if magnitude != "" {
		return append(sayValue("", whole, decimals, ""), magnitude, names[1])
	}
	if decimals != "" && len(decimals) != len(".50") {
		return append(sayValue("", whole, decimals, ""), names[1])
	}
	name := names[1]
	if number(whole) == 1 {
		name = names[0]
	}
	said := append(sayCount(number(whole)), name)
	if n := number(strings.TrimPrefix(decimals, ".")); n > 0 {
		said = append(append(said, sayCount(n)...), names[2])
	}
	return said
}

func sayFraction(above, below int) []string {
	said := sayCount(above)
	switch {
	case below == 2 && above == 1:
		return append(said, "half")
	case below == 2:
		return append(said, "halves")
	case below == 4 && above == 1:
		return append(said, "quarter")
	case below == 4:
		return append(said, "quarters")
	case below < 2:
		return append(append(said, "over"), sayCount(below)...)
	}
	parts := sayOrdinal(below)
	if above != 1 {
		parts = plural(parts)
	}
	return append(said, parts...)
}

// maxGrouped is how many digits without commas are read as one number; more are a telephone's.
const maxGrouped = 6

func sayValue(sign, whole, decimals, unit string) []string {
	var said []string
	switch sign {
	case "-":
		said = []string{"minus"}
	case "+":
		said = []string{"plus"}
	}
	switch digits := strings.ReplaceAll(whole, ",", ""); {
	case digits == "":
		said = append(said, "zero")
	case len(digits) > 12, digits == whole && (len(digits) > maxGrouped || len(digits) > 1 && digits[0] == '0'):
		said = append(said, sayDigits(digits)...)
	case len(digits) == 4 && digits == whole && decimals == "" && unit == "":
		said = append(said, sayYear(number(digits))...)
	default:
		said = append(said, sayCount(number(digits))...)
	}
	if decimals != "" {
		said = append(append(said, "point"), sayDigits(decimals[1:])...)
	}
	return append(said, sayUnit(unit, whole+decimals)...)
}

// sayUnit reads the name of a unit: of one, without the plural's s.
func sayUnit(name, amount string) []string {
	said := strings.Fields(name)
	if amount == "1" && len(said) > 0 {
		said[0] = strings.TrimSuffix(said[0], "s")
	}
	return said
}
