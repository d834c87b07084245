package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/doctor"
)

// doctorReport is what -o json prints.
type doctorReport struct {
	// Result is the worst of the findings.
	Result   doctor.Level `json:"result"`
	Failed   int          `json:"failed"`
	Warned   int          `json:"warned"`
	Findings []doctorItem `json:"findings"`
}

type doctorItem struct {
	Check    string       `json:"check"`
	Result   doctor.Level `json:"result"`
	Found    string       `json:"found"`
	Settings []string     `json:"settings"`
	Advice   string       `json:"advice"`
}

// doctorOptions are the flags of "englishctl doctor".
type doctorOptions struct {
	format  string
	strict  bool
	daemons int
}

func newDoctor(e *env) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether the daemon would work with these settings",
		Long: `Look at everything that the daemon would use, from where it would run and with
the same settings: the database, its schema, clock and connections; the replica;
the bucket, whether it is private, and whether a signed link opens by the
address that phones use; Redis; the running daemon, and which client address its
limits see behind the proxy; who scores pronunciation, and whether the key works
in its region; Google's, Apple's and Facebook's ids and keys; the mail server;
certificates; secrets that others know, and files that show them; the room on
the disk. Each finding says what to do, and which setting to change.

Nothing is started, migrated or changed. One small recording is stored, opened
by its link and removed. Azure is asked to score 0.3 seconds of silence. Each
check has 5 seconds, and all run side by side.

The exit code is 3 where something fails, and with --strict also where there is
a warning; else 0. It is 1 where the doctor itself fails. Wrong settings are
findings, too.`,
		Example: `  englishctl doctor
  englishctl doctor --daemons 4
  englishctl doctor -o json | jq '.findings[] | select(.result != "ok")'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd, e, o) },
	}
	cmd.Flags().StringVarP(&o.format, "output", "o", "table", "how to print: table or json")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(doctorFormats, cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().BoolVar(&o.strict, "strict", false, "exit with 3 where there is a warning, too")
	cmd.Flags().IntVar(&o.daemons, "daemons", 1, "how many daemons share the database, at least 1")
	return cmd
}

var doctorFormats = []string{"table", "json"}

func runDoctor(cmd *cobra.Command, e *env, o doctorOptions) error {
	if o.format != "table" && o.format != "json" {
		return usagef("--output %q is not a format: use %s", o.format, strings.Join(doctorFormats, " or "))
	}
	if o.daemons < 1 {
		return usagef("--daemons %d is not allowed: it must be at least 1", o.daemons)
	}
	cfg, settings, invalid := config.Load(config.Options{Flags: cmd.Flags(), Environ: e.Environ, Dir: e.Dir})
	found, err := app.Examine(cmd.Context(), cfg, settings, invalid, o.daemons)
	if err != nil {
		return err
	}
	if o.format == "json" {
		err = printJSON(e.Stdout, newDoctorReport(found))
	} else {
		err = diagnosis(found).print(e.Stdout, "table")
	}
	if err != nil {
		return err
	}
	return conclude(found, o.strict)
}

// sick says that something is not as it should be. What it is has been printed.
type sick struct{ failed, warned int }

func (s *sick) Error() string {
	var parts []string
	if s.failed > 0 {
		parts = append(parts, counted(s.failed, "failure"))
	}
	if s.warned > 0 {
		parts = append(parts, counted(s.warned, "warning"))
	}
	return "the doctor has found " + strings.Join(parts, " and ")
}

// conclude is what the command ends with.
func conclude(found []doctor.Finding, strict bool) error {
	s := &sick{doctor.Count(found, doctor.Fail), doctor.Count(found, doctor.Warn)}
	if s.failed > 0 || strict && s.warned > 0 {
		return s
	}
	return nil
}

func newDoctorReport(found []doctor.Finding) doctorReport {
	r := doctorReport{
		Result: doctor.Worst(found), Failed: doctor.Count(found, doctor.Fail), Warned: doctor.Count(found, doctor.Warn),
		Findings: make([]doctorItem, 0, len(found)),
	}
	for _, f := range found {
		r.Findings = append(r.Findings, doctorItem{f.Check, f.Level, f.Found, append([]string{}, f.Settings...), f.Advice})
	}
	return r
}

// advised stands before what to do about a finding.
const advised = "-> "

// diagnosis has a row for each finding, and below it what to do.
func diagnosis(found []doctor.Finding) listing {
	l := listing{columns: []string{"result", "check", "found"}}
	for _, f := range found {
		l.rows = append(l.rows, []string{string(f.Level), f.Check, f.Found})
		if f.Advice == "" {
			continue
		}
		advice := advised + f.Advice
		if len(f.Settings) > 0 {
			advice = fmt.Sprintf("%s%s: %s", advised, strings.Join(f.Settings, ", "), f.Advice)
		}
		l.rows = append(l.rows, []string{"", "", advice})
	}
	return l
}
