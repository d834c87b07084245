package telemetry

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescribe(t *testing.T) {
	vcs := []debug.BuildSetting{
		{Key: "vcs", Value: "git"},
		{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"},
		{Key: "vcs.time", Value: "2025-12-10T08:00:00Z"},
		{Key: "vcs.modified", Value: "true"},
	}
	for _, tc := range []struct {
		name     string
		info     *debug.BuildInfo
		want     BuildInfo
		wantLine string
	}{
		{"no build information", nil,
			BuildInfo{Version: "dev", Go: runtime.Version()}, "dev " + runtime.Version()},
		{"a plain checkout",
			&debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "(devel)"}},
			BuildInfo{Version: "dev", Go: "go1.26.0"}, "dev go1.26.0"},
		{"a commit with changes; the pseudo-version is no version",
			&debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v0.0.0-20251210080000-0123456789ab+dirty"}, Settings: vcs},
			BuildInfo{Version: "dev", Commit: vcs[1].Value, Date: vcs[2].Value, Modified: true, Go: "go1.26.0"},
			"dev 0123456789ab+changes 2025-12-10T08:00:00Z go1.26.0"},
		{"a release",
			&debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"}, Settings: vcs[:3]},
			BuildInfo{Version: "1.2.3", Commit: vcs[1].Value, Date: vcs[2].Value, Go: "go1.26.0"},
			"1.2.3 0123456789ab 2025-12-10T08:00:00Z go1.26.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := describe(tc.info)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("describe (-want +got):\n%s", diff)
			}
			if got.String() != tc.wantLine {
				t.Errorf("String() = %q, want %q", got.String(), tc.wantLine)
			}
		})
	}
}

func TestVersionOfThisProgram(t *testing.T) {
	if got := Version(); got.Version == "" || got.Go != runtime.Version() {
		t.Errorf("Version() = %+v", got)
	}
}
