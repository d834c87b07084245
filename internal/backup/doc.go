// Package backup saves everything that the program keeps, rows and recordings, in one place, and brings it back, into
// the same database or into another kind.
//
// A place is a folder or a part of a bucket. It holds snapshots, and the recordings of all of them, each once, under
// the SHA-256 of its bytes:
//
//	audio/3f/3f7a…                          one recording
//	snapshots/20260304T120000Z/
//	    tables/users.ndjson.gz              one file for each table, a JSON object for each row
//	    recordings.ndjson.gz                which key has which recording
//	    manifest.json                       counts and digests of the files; written last
//
// A snapshot without a manifest is not one: whatever wrote it has died, or is still writing. Rows are one state of the
// database, whatever is written meanwhile. Files say nothing of the database that they come from but its schema's
// version: the same rows make the same files, byte by byte, on PostgreSQL and on SQLite.
//
// The package owns the format, and what makes a backup whole. It knows no SQL and no store of objects.
package backup
