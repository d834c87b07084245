package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/fault"
)

// The columns of a CSV file of tags.
const (
	columnName     = "name"
	columnCategory = "category"
)

// ReadTags reads a CSV file of tags: UTF-8 with or without byte order mark, separated by commas, semicolons or tabs,
// the columns name and category in any order and any case. What stands in its rows is for ApplyTags to judge.
//
// It returns fault.Invalid (field "file") if it is no such file.
func ReadTags(content []byte) ([]NewTag, error) {
	if !utf8.Valid(content) {
		return nil, fault.Invalid("file", "The file is not valid UTF-8. In Excel, save it as \"CSV UTF-8 (Comma delimited)\"")
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	reader := csv.NewReader(bytes.NewReader(content))
	reader.Comma = separator(content)
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, brokenCSV(err)
	}
	if len(rows) == 0 {
		return nil, fault.Invalid("file", "The file is empty; its first line names the columns: %s, %s", columnName, columnCategory)
	}
	name, category, err := tagColumns(rows[0])
	if err != nil {
		return nil, err
	}
	tags := make([]NewTag, 0, len(rows)-1)
	for _, row := range rows[1:] {
		tags = append(tags, NewTag{Name: row[name], Category: row[category]})
	}
	return tags, nil
}

// separator returns what separates the columns of the first line.
func separator(content []byte) rune {
	header, _, _ := bytes.Cut(content, []byte("\n"))
	for _, r := range []rune{';', '\t'} {
		if bytes.ContainsRune(header, r) {
			return r
		}
	}
	return ','
}

// tagColumns returns which of the columns is which.
func tagColumns(header []string) (name, category int, err error) {
	for i, h := range header {
		header[i] = strings.ToLower(strings.TrimSpace(h))
	}
	name, category = slices.Index(header, columnName), slices.Index(header, columnCategory)
	if len(header) != 2 || name < 0 || category < 0 {
		return 0, 0, fault.Invalid("file", "The columns must be %s and %s; the file has: %s", columnName, columnCategory,
			Shown(strings.Join(header, ", ")))
	}
	return name, category, nil
}

// brokenCSV makes the reader's finding a fault that names the line.
func brokenCSV(err error) error {
	var broken *csv.ParseError
	switch {
	case !errors.As(err, &broken):
		return fmt.Errorf("parse the CSV file: %w", err)
	case errors.Is(err, csv.ErrFieldCount):
		return fault.Invalid("file", "Line %d has more or fewer fields than the header; put text that contains the separator into quotation marks", broken.StartLine)
	default:
		return fault.Invalid("file", "Line %d: a quotation mark is open, or stands within a field without being doubled", broken.StartLine)
	}
}
