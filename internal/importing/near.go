package importing

import (
	"strings"
	"unicode"

	"github.com/englishapp/englishctl/internal/catalog"
)

// nearest returns the name of the tag that is most likely meant by a name that no tag has, or "" if none is near. Near
// is one wrong, missing, surplus or swapped letter in a name of at least four, two in one of at least ten. Names that
// differ in digits only, "Unit 1" and "Unit 2", are meant to differ.
func nearest(name string, tags []catalog.Tag) string {
	best, least := "", 3
	folded := []rune(catalog.FoldName(name))
	for _, tag := range tags {
		other := []rune(catalog.FoldName(tag.Name))
		allowed := allowedEdits(min(len(folded), len(other)))
		if gap := len(folded) - len(other); max(gap, -gap) > allowed || withoutDigits(folded) == withoutDigits(other) {
			continue
		}
		if d := distance(folded, other); d <= allowed && d < least {
			best, least = tag.Name, d
		}
	}
	return best
}

func allowedEdits(letters int) int {
	switch {
	case letters >= 10:
		return 2
	case letters >= 4:
		return 1
	}
	return 0
}

func withoutDigits(name []rune) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, string(name))
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour to get from a to b (optimal
// string alignment).
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
