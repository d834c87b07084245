package main

import (
	"strings"
	"testing"
	"time"
)

func hundred(slowest time.Duration) sample {
	s := sample{logins: map[int]int{401: 3, 429: 1}}
	for i := range 99 {
		s.took = append(s.took, time.Duration(99-i)*time.Millisecond)
	}
	s.took = append(s.took, slowest)
	return s
}

func TestRow(t *testing.T) {
	s := hundred(7 * time.Second)
	if got := s.row("name"); !strings.HasSuffix(got, "100     51.0   7000.0   7000.0  3×401 1×429") {
		t.Errorf("row = %q", got)
	}
}

func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		quiet, many, one time.Duration
		wrong            string
	}{
		{200 * time.Millisecond, 400 * time.Millisecond, 100 * time.Millisecond, ""},
		{200 * time.Millisecond, 401 * time.Millisecond, 100 * time.Millisecond, "from 200 addresses"},
		{200 * time.Millisecond, 100 * time.Millisecond, 900 * time.Millisecond, "from one address: the 99th percentile is 4.5 times"},
	} {
		err := judge([]sample{hundred(tt.quiet), hundred(tt.many), hundred(tt.one)})
		if (err == nil) != (tt.wrong == "") || (err != nil && !strings.HasPrefix(err.Error(), tt.wrong)) {
			t.Errorf("judge = %v, want %q", err, tt.wrong)
		}
	}
}
