// Package migrations holds the schema of both databases as numbered SQL files, for goose.
//
// Each number exists twice, once for each database, and both leave the same tables, columns and unique keys behind.
// The one difference is how texts are searched: a function and an index on PostgreSQL, the tables speech_search* on
// SQLite. A file that has been shipped is never edited: add the next.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// FS returns the migrations of a database, "postgres" or "sqlite", at the root of the file system.
// It panics on any other name: there is no such folder in the program.
func FS(dialect string) fs.FS {
	if _, err := files.ReadDir(dialect); err != nil {
		panic("migrations: no folder for the database " + dialect)
	}
	sub, err := fs.Sub(files, dialect)
	if err != nil {
		panic(err)
	}
	return sub
}
