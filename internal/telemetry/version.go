package telemetry

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// BuildInfo says what was built, from what, and with what.
type BuildInfo struct {
	Version  string // module version without a leading "v", or "dev" for a build outside a release
	Commit   string // full hash of the commit, or "" where it is unknown
	Date     string // time of the commit, RFC 3339, or "" where it is unknown
	Modified bool   // the source had changes that were not committed
	Go       string // version of the Go tools, as in "go1.26.0"
}

// Version returns what the Go tools have written into the running program.
//
// A program that was built without version control (from an archive, or with -buildvcs=false) has no commit.
func Version() BuildInfo {
	info, _ := debug.ReadBuildInfo()
	return describe(info)
}

// String returns one line for people: version, the commit's first 12 digits, date, Go version.
func (b BuildInfo) String() string {
	parts := []string{b.Version}
	if b.Commit != "" {
		commit := b.Commit[:min(12, len(b.Commit))]
		if b.Modified {
			commit += "+changes"
		}
		parts = append(parts, commit)
	}
	if b.Date != "" {
		parts = append(parts, b.Date)
	}
	return strings.Join(append(parts, b.Go), " ")
}

// describe takes info == nil for a program without build information.
func describe(info *debug.BuildInfo) BuildInfo {
	b := BuildInfo{Version: "dev", Go: runtime.Version()}
	if info == nil {
		return b
	}
	if info.GoVersion != "" {
		b.Go = info.GoVersion
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	if release(info.Main.Version) {
		b.Version = strings.TrimPrefix(info.Main.Version, "v")
	}
	return b
}

// release tells a tagged version from the two that Go invents for a plain checkout: "(devel)", and the
// pseudo-version v0.0.0-DATE-COMMIT, which says nothing that Commit and Date do not say better.
func release(version string) bool {
	return version != "" && version != "(devel)" && !strings.HasPrefix(version, "v0.0.0-")
}
