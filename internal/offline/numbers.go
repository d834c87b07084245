package offline

import "strings"

var (
	small = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens  = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")

	irregularOrdinals = map[string]string{"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}
)

// sayCount reads a number that is not negative: "one hundred five". Americans leave the "and" out.
func sayCount(n int) []string {
	for _, group := range []struct {
		size int
		name string
	}{{1_000_000_000, "billion"}, {1_000_000, "million"}, {1000, "thousand"}, {100, "hundred"}} {
		if n >= group.size {
			said := append(sayCount(n/group.size), group.name)
			if rest := n % group.size; rest > 0 {
				said = append(said, sayCount(rest)...)
			}
			return said
		}
	}
	if n < len(small) {
		return []string{small[n]}
	}
	said := []string{tens[n/10]}
	if n%10 > 0 {
		said = append(said, small[n%10])
	}
	return said
}

// sayYear reads four digits as years are: "nineteen oh five", "two thousand four", "twenty twenty four".
func sayYear(n int) []string {
	century, rest := n/100, n%100
	switch {
	case n < 1000, century%10 == 0 && rest < 10, century > 99:
		return sayCount(n)
	case rest == 0:
		return append(sayCount(century), "hundred")
	case rest < 10:
		return append(append(sayCount(century), "oh"), sayCount(rest)...)
	}
	return append(sayCount(century), sayCount(rest)...)
}

// sayOrdinal reads a number as in "the 21st".
func sayOrdinal(n int) []string {
	said := sayCount(n)
	end := len(said) - 1
	switch word := said[end]; {
	case irregularOrdinals[word] != "":
		said[end] = irregularOrdinals[word]
	case strings.HasSuffix(word, "y"):
		said[end] = strings.TrimSuffix(word, "y") + "ieth"
	default:
		said[end] = word + "th"
	}
	return said
}

// sayDigits reads digits one by one.
func sayDigits(digits string) (said []string) {
	for _, r := range digits {
		if r >= '0' && r <= '9' {
			said = append(said, small[r-'0'])
		}
	}
	return said
}

// plural makes a plural of the last word.
func plural(said []string) []string {
	end := len(said) - 1
	if word, isTen := strings.CutSuffix(said[end], "y"); isTen {
		said[end] = word + "ies"
	} else {
		said[end] += "s"
	}
	return said
}
