package spreadsheet_test

import (
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/englishapp/englishctl/internal/spreadsheet"
)

// lessons is a workbook of an import with so many rows, each with a text of its own.
func lessons(tb testing.TB, rows int) []byte {
	return written(tb, func(book *excelize.File) {
		for n := range rows {
			err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &[]any{
				fmt.Sprintf("lesson-%05d.mp3", n), fmt.Sprintf("This is sentence number %d, and it is about as long as others.", n), "A1", "question", "Travel, Present Simple",
			})
			if err != nil {
				tb.Fatal(err)
			}
		}
	})
}

func benchmarkRead(b *testing.B, rows int) {
	content := lessons(b, rows)
	b.ReportAllocs()
	b.ReportMetric(float64(len(content))/(1<<20), "MiB/file")
	for b.Loop() {
		if got, err := spreadsheet.Read(content); err != nil || len(got) != rows {
			b.Fatal(len(got), err)
		}
	}
}

func BenchmarkRead10000Rows(b *testing.B) { benchmarkRead(b, 10_000) }
func BenchmarkRead50000Rows(b *testing.B) { benchmarkRead(b, 50_000) }
