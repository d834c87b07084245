package doctor

import "strings"

// SQLite is what was seen of the embedded database.
type SQLite struct {
	Path string
	// Absent says that there is no file yet.
	Absent bool
	// Locked says that somebody was writing all the time, so that not all could be looked at.
	Locked bool
	// Unwritable is why nothing can be written; empty where it can.
	Unwritable string
	// Damage is what the quick check has found; none where all is well.
	Damage []string
	// Journal is the journal mode: "wal".
	Journal string
	Schema  Schema
}

// Findings judges the embedded database. migrates says that the daemon makes and migrates it at its start.
func (s SQLite) Findings(migrates bool) []Finding {
	switch {
	case s.Absent && migrates:
		return []Finding{ok("SQLite: there is no %s yet; the daemon makes it at its first start", s.Path)}
	case s.Absent:
		return []Finding{fail("SQLite: there is no %s", s.Path).to(`run "englishctl migrate up", or let the daemon do it at its start`, "AUTO_MIGRATE", "DATA_DIR")}
	case len(s.Damage) > 0:
		return []Finding{fail("SQLite: %s is damaged: %s", s.Path, strings.Join(s.Damage[:min(2, len(s.Damage))], "; ")).
			to("stop the daemon, keep a copy of the file, and restore a backup")}
	case s.Unwritable != "":
		return []Finding{fail("SQLite: %s cannot be written: %s", s.Path, s.Unwritable).
			to("let the daemon's user write the folder and the file", "DATA_DIR")}
	}
	found := []Finding{ok("SQLite: %s is whole and can be written", s.Path), s.schema(migrates)}
	if s.Locked {
		found[0] = warn("SQLite: %s is whole, but somebody was writing to it all the time", s.Path).to("look again later, or see which process holds it")
	}
	if s.Journal != "wal" {
		found = append(found, warn("SQLite: the journal mode is %s, so that readers and writers wait for each other", s.Journal).
			to("start the daemon, which sets WAL; it needs a local disk", "DATA_DIR"))
	}
	return found
}

func (s SQLite) schema(migrates bool) Finding {
	if migrates && len(s.Schema.Missing) > 0 && len(s.Schema.Unknown) == 0 {
		return ok("version %d; the daemon brings it up to date at its start", s.Schema.Version).about("schema")
	}
	return s.Schema.finding()
}
