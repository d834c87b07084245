package sqlstore

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// dialect names everything in which the two databases differ.
type dialect struct {
	// name is the driver's, the migrations' folder and what Dialect returns.
	name string

	// forUpdate ends a SELECT that locks its rows until the end of the transaction. SQLite needs none: a writing
	// transaction has the whole database.
	forUpdate string

	// lockText takes a lock that is named by a text, its one parameter, until the end of the transaction. It is empty for
	// SQLite, for the same reason.
	lockText string

	// inUUIDs and inTexts follow a column and compare it with a list of any length, which is one parameter made by
	// list.
	inUUIDs, inTexts string
	list             func(values any) (any, error)

	// searched is the FROM clause of the speeches "s" whose texts have words beginning with all the terms, by the text index;
	// its one parameter is made by terms. searchedOnTheWay is true of such a speech "s", for those that are looked at one by one.
	searched, searchedOnTheWay string
	terms                      func(words []string) string
	// searchedCount counts the live ones of searched. Empty where nothing counts faster than a query.
	searchedCount string
	// searchedOfTag is searched for a tag's speeches, found by the tag, and searchedOfTagCount counts them; their parameters are the
	// tag's id and what terms makes. searchedUpTo counts the texts of searched, but no more than its second parameter. Empty where the
	// planner chooses well by itself.
	searchedOfTag, searchedOfTagCount, searchedUpTo string
	// planByText makes the text index be used for searched until the end of the transaction, planFreely ends that; each yields
	// one row. Empty where there is no such choice.
	planByText, planFreely string

	// hasTable has one parameter, a table's name, and yields whether there is such a table.
	hasTable string

	// oneVersion are the options of a reading transaction in which all statements see the same state.
	oneVersion *sql.TxOptions

	// daysSince has two parameters, times, and yields the days of UTC of the games that were stored since the first and of the
	// accounts that were made since the second.
	daysSince string

	// analyzed are the tables that a seed fills and of which the planner wants to know how many rows they have. None where it wants to know
	// nothing: SQLite takes the index that fits, however many rows there are.
	analyzed []string

	// byteOrder follows a text column in ORDER BY, so that both databases sort alike.
	byteOrder string

	// truncate, with tables after it, empties all of them at once. Empty where there is no such statement.
	truncate string

	load load

	// problem says what kind of thing a driver's error reports.
	problem func(err error) problem

	// selectChanged has two parameters, a version and a limit, and yields the ids of the speeches that later versions have changed.
	selectChanged string

	insertSpeeches insertSpeeches
	insertSessions insertSessions
	readSnapshot   readSnapshot
}

var postgres = &dialect{
	name:      "postgres",
	forUpdate: ` FOR UPDATE`,
	lockText:  `SELECT pg_advisory_xact_lock(hashtextextended(?::text, 0))`,
	inUUIDs:   ` = ANY (?::uuid[])`,
	inTexts:   ` = ANY (?::text[])`,
	list:      func(values any) (any, error) { return pq.Array(values), nil },

	// The planner takes the cutting of a text into words, which it sees in the index's expression, for far cheaper than it is, and
	// does it anew for every text. Where it must not read the whole table, and sees no other condition (behind OFFSET 0), there
	// is no way but the index of the words.
	searched: `
	  FROM (SELECT * FROM speeches WHERE speech_words(text) @@ to_tsquery('simple', ?) OFFSET 0) s`,
	searchedOnTheWay: `speech_words(s.text) @@ to_tsquery('simple', ?)`,
	planByText:       `SELECT set_config('enable_seqscan', 'off', true)`,
	planFreely:       `SELECT set_config('enable_seqscan', 'on', true)`,
	terms: func(words []string) string {
		return strings.Join(words, ":* & ") + ":*"
	},

	hasTable:   `SELECT to_regclass(?::text) IS NOT NULL`,
	oneVersion: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	daysSince: `SELECT DISTINCT (completed_at AT TIME ZONE 'UTC')::date FROM game_sessions WHERE saved_at >= ?
		UNION SELECT DISTINCT (created_at AT TIME ZONE 'UTC')::date FROM users WHERE created_at >= ?`,
	analyzed:       []string{"tags", "speeches", "speech_tags", "users", "game_sessions", "game_results"},
	byteOrder:      ` COLLATE "C"`,
	truncate:       `TRUNCATE `,
	load:           loadPostgres,
	problem:        postgresProblem,
	selectChanged:  `SELECT DISTINCT unnest(speeches) FROM catalog_changes WHERE version > ? LIMIT ?`,
	insertSpeeches: insertSpeechesPostgres,
	insertSessions: insertSessionsPostgres,
	readSnapshot:   readSnapshotPostgres,
}

// taggedWithWords are the links of a tag to speeches with the words, for SQLite. The number of a text is asked for by a query of its own:
// as a join, the list of all matches would be gone through for each link.
const taggedWithWords = `
	  FROM speech_tags st
	 WHERE st.tag_id = ?
	   AND (SELECT d.doc FROM speech_search_docs d WHERE d.speech_id = st.speech_id) IN
	       (SELECT f.rowid FROM speech_search f WHERE speech_search MATCH ?)`

var sqlite = &dialect{
	name:    "sqlite",
	inUUIDs: ` IN (SELECT value FROM json_each(?))`,
	inTexts: ` IN (SELECT value FROM json_each(?))`,
	list: func(values any) (any, error) {
		b, err := json.Marshal(values)
		if err != nil {
			return nil, fmt.Errorf("encode a list: %w", err)
		}
		return string(b), nil
	},

	searched: `
	  FROM (SELECT * FROM speeches WHERE id IN (
		SELECT d.speech_id FROM speech_search f JOIN speech_search_docs d ON d.doc = f.rowid WHERE speech_search MATCH ?)) s`,
	searchedOnTheWay: `(SELECT d.doc FROM speech_search_docs d WHERE d.speech_id = s.id) IN
		(SELECT f.rowid FROM speech_search f WHERE speech_search MATCH ?)`,
	searchedCount: `SELECT count(*) FROM speech_search WHERE speech_search MATCH ?`, // it holds what is live, and nothing else
	searchedOfTag: `
	  FROM (SELECT * FROM speeches WHERE id IN (SELECT st.speech_id` + taggedWithWords + `)) s`,
	searchedOfTagCount: `SELECT count(*)` + taggedWithWords, // a deleted speech has no tags
	searchedUpTo:       `SELECT count(*) FROM (SELECT 1 FROM speech_search WHERE speech_search MATCH ? LIMIT ?)`,
	terms: func(words []string) string {
		return `"` + strings.Join(words, `"* "`) + `"*`
	},

	hasTable: `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)`,
	daysSince: `SELECT DISTINCT substr(completed_at, 1, 10) FROM game_sessions WHERE saved_at >= ?
		UNION SELECT DISTINCT substr(created_at, 1, 10) FROM users WHERE created_at >= ?`,
	load:           loadSQLite,
	oneVersion:     nil, // every transaction of a reader is one
	problem:        sqliteProblem,
	selectChanged:  `SELECT DISTINCT value FROM catalog_changes, json_each(speeches) WHERE version > ? LIMIT ?`,
	insertSpeeches: insertSpeechesSQLite,
	insertSessions: insertSessionsSQLite,
	readSnapshot:   readSnapshotSQLite,
}

// maxParameters is the most that a statement may have on both databases: 32,766 in SQLite, 65,535 in PostgreSQL.
const maxParameters = 32766

// maxRowsPerStatement keeps what SQLite compiles of one statement small; beyond this more rows make it no faster.
const maxRowsPerStatement = 500
