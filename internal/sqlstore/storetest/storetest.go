// Package storetest says what the stores promise, as tests that run against every database.
//
// It holds the promises of the services' Store interfaces, and what databases like to disagree on: letter case, times,
// order, empty and huge lists, races, rollbacks, strange texts. A database that needs an exemption is not supported.
package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// Run runs the suite. open returns a fresh, migrated database, and is called once for each test.
func Run(t *testing.T, open func(tb testing.TB) *sqlstore.DB) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// RunOnly runs the tests of these names, for another way to a database that runs the whole suite elsewhere.
func RunOnly(t *testing.T, open func(tb testing.TB) *sqlstore.DB, names ...string) {
	for _, name := range names {
		test := tests[name]
		if test == nil {
			t.Fatalf("there is no test of the name %q", name)
		}
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var tests = map[string]func(*testing.T, *sqlstore.DB){
	"audit":                testAudit,
	"audit, list":          testAuditList,
	"batches":              testBatches,
	"batches, list":        testBatchList,
	"batches, undo":        testBatchUndo,
	"changes":              testChanges,
	"changes, unknown":     testUnknownChanges,
	"changes, at once":     testChangesAtOnce,
	"changes, at random":   testChangesAtRandom,
	"counts":               testCounts,
	"deletion":             testUserDeletion,
	"draws":                testDraws,
	"draws, two daemons":   testTwoDaemons,
	"email tokens":         testEmailTokens,
	"forgetting":           testForget,
	"forgetting, actors":   testActors,
	"identities":           testIdentities,
	"identities, at once":  testIdentityRaces,
	"import references":    testImportReferences,
	"lists of any length":  testHugeLists,
	"locks":                testLocks,
	"out of range":         testOutOfRange,
	"refresh tokens":       testRefreshTokens,
	"search":               testSearch,
	"panel sessions":       testPanelSessions,
	"past recordings":      testPastRecordings,
	"seeds, ids":           testSeedIDs,
	"seeds, locks":         testSeedLock,
	"seeds, users":         testSeedUsers,
	"sessions":             testSessions,
	"sessions, claims":     testClaims,
	"sessions, all":        testAllSessions,
	"sessions, history":    testHistory,
	"sessions, refused":    testSessionsRefused,
	"sessions, scores":     testScoreIDs,
	"snapshot":             testSnapshot,
	"speeches":             testSpeeches,
	"speeches, list":       testSpeechList,
	"strange texts":        testStrangeTexts,
	"statistics":           testStatistics,
	"statistics, borders":  testStatisticsBorders,
	"statistics, lease":    testStatisticsLease,
	"statistics, hardest":  testStatisticsHardest,
	"statistics, requests": testStatisticsRequests,
	"statistics, seeds":    testStatisticsSeeds,
	"tags":                 testTags,
	"tags, at once":        testTagRaces,
	"tags, deletion":       testTagDeletion,
	"tags, ensured":        testEnsureTags,
	"tags, merged":         testTagMerge,
	"times":                testTimes,
	"transactions":         testTransactions,
	"upload files":         testUploadFiles,
	"upload sessions":      testUploadSessions,
	"users":                testUsers,
	"users, at once":       testUserRaces,
	"users, list":          testUserList,
	"without a connection": testClosed,
}

// noon is a time with all the digits that the databases keep.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.UTC)

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// orderedIDs returns n ids that sort in their order.
func orderedIDs(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.UUID{0: 0xa0, 13: byte(i >> 16), 14: byte(i >> 8), 15: byte(i)}
	}
	return ids
}

func page(number, limit int) paging.Page { return paging.Page{Number: number, Limit: limit} }

func ptr[T any](v T) *T { return &v }

// must fails the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// must1 returns the value, or fails the test on an error.
func must1[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// equal compares; nil and empty lists are the same thing to every caller of a store.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

// refused checks an error's kind and, unless it is empty, its code.
func refused(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind || code != "" && f.Code != code {
		t.Errorf("the error is %v (%#v), want kind %q, code %q", err, f, kind, code)
	}
}

// atOnce runs fn n times at the same time and returns what each returned.
func atOnce[T any](n int, fn func(i int) T) []T {
	results := make([]T, n)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			results[i] = fn(i)
		})
	}
	start.Done()
	done.Wait()
	return results
}

// racers is how many callers race for one thing.
const racers = 20
