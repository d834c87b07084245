package importing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// BenchmarkPlan judges 10,000 rows, all new, of which every tenth is wrong, against the real databases.
func BenchmarkPlan(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchPlan(b, sqltest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchPlan(b, sqltest.Postgres(b)) })
}

func benchPlan(b *testing.B, db *sqlstore.DB) {
	const rows = 10_000
	service := importing.New(db.Importing(), newMemObjects(time.Now), newWorld(b), importing.Config{
		SessionTTL: time.Hour, FilesConfig: importing.FilesConfig{Sniff: sniff},
	})
	var file strings.Builder
	file.WriteString(header)
	files := make([]importing.LocalFile, rows)
	for i := range rows {
		level := []string{"A1", "A2", "B1", "B2", "C1", "A1", "A2", "B1", "B2", "D1"}[i%10]
		files[i] = sounding(fmt.Sprintf("%d.mp3", i), func(s *importing.Sound) { s.Speech -= float64(i % 25) })
		fmt.Fprintf(&file, "%d.mp3,What is number %d in the list?,%s,question,\"Numbers,Unit %d\"\n", i, i, level, i%50)
	}
	request := planRequest(file.String(), files)
	for b.Loop() {
		plan, err := service.Plan(b.Context(), request)
		if err != nil || plan.New != rows*9/10 {
			b.Fatal(plan.New, err)
		}
	}
}
