package cli

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/doctor"
)

var diagnosed = []doctor.Finding{
	{Check: "database", Level: doctor.OK, Found: "PostgreSQL 15.4 answers in 900µs"},
	{Check: "pool", Level: doctor.Fail, Found: "4 daemons want up to 120 connections (20 and 10 more when busy); max_connections leaves room for 97",
		Settings: []string{"DATABASE_POOL_SIZE", "DATABASE_MAX_OVERFLOW"}, Advice: "make the pools smaller, raise max_connections, or put PgBouncer between"},
	{Check: "redis", Level: doctor.Warn, Found: "eviction \x1b[31mnoeviction", Advice: "set it"},
}

func TestDiagnosisInEightyColumns(t *testing.T) {
	var out bytes.Buffer
	if err := diagnosis(diagnosed).printTable(&out, 80); err != nil {
		t.Fatal(err)
	}
	const want = `RESULT  CHECK     FOUND
ok      database  PostgreSQL 15.4 answers in 900µs
fail    pool      4 daemons want up to 120 connections (20 and 10 more when
                  busy); max_connections leaves room for 97
                  -> DATABASE_POOL_SIZE, DATABASE_MAX_OVERFLOW: make the pools
                  smaller, raise max_connections, or put PgBouncer between
warn    redis     eviction \x1b[31mnoeviction
                  -> set it
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
}

func TestDiagnosisForPrograms(t *testing.T) {
	var out bytes.Buffer
	if err := printJSON(&out, newDoctorReport(diagnosed[:2])); err != nil {
		t.Fatal(err)
	}
	const want = `{
  "result": "fail",
  "failed": 1,
  "warned": 0,
  "findings": [
    {
      "check": "database",
      "result": "ok",
      "found": "PostgreSQL 15.4 answers in 900µs",
      "settings": [],
      "advice": ""
    },
    {
      "check": "pool",
      "result": "fail",
      "found": "4 daemons want up to 120 connections (20 and 10 more when busy); max_connections leaves room for 97",
      "settings": [
        "DATABASE_POOL_SIZE",
        "DATABASE_MAX_OVERFLOW"
      ],
      "advice": "make the pools smaller, raise max_connections, or put PgBouncer between"
    }
  ]
}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the report (-want +got):\n%s", diff)
	}
}

func TestDoctorsExitCode(t *testing.T) {
	for _, tt := range []struct {
		found  []doctor.Finding
		strict bool
		want   int
	}{
		{nil, true, exitDone},
		{diagnosed[:1], true, exitDone},
		{diagnosed[2:], false, exitDone},
		{diagnosed[2:], true, exitRejected},
		{diagnosed, false, exitRejected},
	} {
		if got := exitCode(conclude(tt.found, tt.strict)); got != tt.want {
			t.Errorf("%d findings, strict %v: exit code %d, want %d", len(tt.found), tt.strict, got, tt.want)
		}
	}
	if got := exitCode(errors.New("a check is broken")); got != exitFailed {
		t.Errorf("a broken check: exit code %d", got)
	}
}
