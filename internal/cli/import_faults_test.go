package cli

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/testenv"
)

// TestTheSameCommandGoesOn ends a run of the command at each of its steps on real stores. The same command, begun again,
// leaves the same catalogue as if nothing had happened, sends nothing twice, and leaves nothing lying about. What is new
// are 18 recordings, which two uploaders store; one row is in the catalogue already.
func TestTheSameCommandGoesOn(t *testing.T) {
	fates := []fate{diesBefore, diesAfter, stumbles, misses, losesData, losesObjects}
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		endAtEachStep(t, embedded, func(step int, each func(fate, int)) {
			for _, fate := range fates {
				each(fate, step)
			}
		})
	})
	t.Run("production", func(t *testing.T) { // where a run takes longer, and what ends it takes turns
		t.Parallel()
		endAtEachStep(t, production, func(step int, each func(fate, int)) { each(fates[step%len(fates)], step) })
	})
}

func endAtEachStep(t *testing.T, newMachine func(*testing.T) *machine, ends func(step int, each func(fate, int))) {
	lessons, before := lessonsOf(t, 0, 19), lessonsOf(t, 0, 1)
	undisturbed := begin(t, newMachine(t), before)
	whole := &life{}
	if done := undisturbed.runImport(as(t, "alice"), whole, lessons); done.err != nil || done.puts != 18 {
		t.Fatalf("%d stored, %v", done.puts, done.err)
	}
	want := undisturbed.catalogue()
	undisturbed.checkEnd()
	if len(want) != 19 || whole.taken < 25 {
		t.Fatalf("%d speeches after %d steps", len(want), whole.taken)
	}
	for step := 1; step <= whole.taken; step++ {
		ends(step, func(fate fate, last int) {
			t.Run(fmt.Sprintf("%s step %d", fate, last), func(t *testing.T) {
				m := begin(t, newMachine(t), before)
				l := &life{fate: fate, last: last}
				first := m.runImport(as(t, "alice"), l, lessons)
				t.Logf("the step is %s", l.at)
				m.later += 16 * time.Second // the lease of whoever died
				m.goesOn(lessons, first, want)
			})
		})
	}
}

// begin imports what is there already.
func begin(t *testing.T, m *machine, before importOptions) *machine {
	t.Helper()
	if done := m.runImport(as(t, "alice"), &life{}, before); done.err != nil {
		t.Fatal(done.err)
	}
	return m
}

// goesOn runs the command again, and compares all that it leaves.
func (m *machine) goesOn(lessons importOptions, first outcome, want []string) {
	m.t.Helper()
	there := m.catalogue()
	m.checkOwners()
	if len(there) != 1 && len(there) != len(want) {
		m.t.Errorf("half of the import is in the catalogue: %d speeches", len(there))
	}
	send := 0
	if len(there) == 1 {
		send = len(want) - 1 - m.arrived()
	}
	again := m.runImport(as(m.t, "alice"), &life{}, lessons)
	if again.err != nil || again.puts != send {
		m.t.Errorf("again: %d recordings were sent instead of %d, %v", again.puts, send, again.err)
	}
	if strings.Contains(again.talk, "waiting") {
		m.t.Errorf("it waits for nobody: %s", again.talk)
	}
	if diff := cmp.Diff(want, m.catalogue()); diff != "" {
		m.t.Errorf("the catalogue is not that of an undisturbed run (-want +got):\n%s", diff)
	}
	m.checkOwners()
	m.checkEnd()
	if m.t.Failed() {
		m.t.Logf("the first run said: %s%v", first.talk, first.err)
	}
}

// TestFullDatabase gives the database room for no page more, for one, and so on, until it is enough for the import.
func TestFullDatabase(t *testing.T) {
	lessons, before := lessonsOf(t, 0, 80), lessonsOf(t, 0, 1)
	undisturbed := begin(t, embedded(t), before)
	undisturbed.runImport(as(t, "alice"), &life{}, lessons)
	want := undisturbed.catalogue()
	for room := 0; ; room += 3 {
		m := begin(t, embedded(t), before)
		m.pragma("max_page_count", m.pragma("page_count", 0)+room)
		first := m.runImport(as(t, "alice"), &life{}, lessons)
		if first.err == nil {
			if room < 5 {
				t.Errorf("the import needs %d pages only", room)
			}
			return
		}
		if code := exitCode(first.err); code != exitFailed || !strings.Contains(first.talk, "the disk of the database is full") {
			t.Errorf("with room for %d pages: exit code %d\n%s", room, code, first.talk)
		}
		if !strings.Contains(first.talk, "warning: ") || !strings.Contains(first.talk, "; the same command goes on from there\n") {
			t.Errorf("with room for %d pages it does not say in which state things are:\n%s", room, first.talk)
		}
		m.pragma("max_page_count", 1<<30)
		m.goesOn(lessons, first, want)
	}
}

// pragma sets one of SQLite's settings unless the value is 0, and returns it.
func (m *machine) pragma(name string, value int) (now int) {
	m.t.Helper()
	set := "PRAGMA " + name
	if value > 0 {
		set += fmt.Sprintf("(%d)", value)
	}
	if err := m.db.Raw().GetContext(m.t.Context(), &now, set); err != nil {
		m.t.Fatal(err)
	}
	return now
}

// TestFullAudioDisk stores recordings, each of which takes a block of 4 KiB, where there is room for ten.
func TestFullAudioDisk(t *testing.T) {
	lessons, before := lessonsOf(t, 0, 19), lessonsOf(t, 0, 1)
	undisturbed := begin(t, embedded(t), before)
	undisturbed.runImport(as(t, "alice"), &life{}, lessons)
	want := undisturbed.catalogue()

	m, dir := embedded(t), t.TempDir()
	small := testenv.NewSmallDisk(t, 11*4096, dir)
	m.objects = newDisk(t, small.Outside(dir))
	begin(t, m, before)
	first := m.runImport(as(t, "alice"), &life{}, lessons)
	if code := exitCode(first.err); code != exitFailed || !strings.Contains(first.talk, "the disk of the audio store is full") {
		t.Errorf("exit code %d\n%s", code, first.talk)
	}
	if !strings.Contains(first.talk, "of 18 recordings are in the store, nothing is in the catalogue; the same command goes on from there") {
		t.Errorf("it does not say how far it came:\n%s", first.talk)
	}
	small.Resize(dir, 1<<20)
	m.goesOn(lessons, first, want)
}

// TestEditorsAtOnce: whoever imports what at the same time, each sentence is in the catalogue once, and no recording lies
// about. One who runs what another process of theirs is running already waits for it, and sends nothing.
func TestEditorsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, newMachine func(*testing.T) *machine) {
		for name, editors := range map[string][]editor{
			"one, with one folder twice":            {{"alice", 0, 18}, {"alice", 0, 18}},
			"two, with the same folder":             {{"alice", 0, 18}, {"bob", 0, 18}},
			"two, with folders that share rows":     {{"alice", 0, 12}, {"bob", 6, 18}},
			"one, with folders that share rows":     {{"alice", 0, 12}, {"alice", 6, 18}},
			"four, with everything of each other's": {{"alice", 0, 18}, {"bob", 0, 18}, {"carol", 0, 9}, {"dave", 9, 18}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				importAtOnce(t, newMachine(t), editors)
			})
		}
	})
}

// editor imports the numbered rows from one up to another.
type editor struct {
	name     string
	from, to int
}

func importAtOnce(t *testing.T, m *machine, editors []editor) {
	t.Helper()
	ended := make([]outcome, len(editors))
	var all sync.WaitGroup
	for i, e := range editors {
		lessons := lessonsOf(t, e.from, e.to)
		all.Go(func() { ended[i] = m.runImport(as(t, e.name), &life{}, lessons) })
	}
	all.Wait()
	for i, end := range ended {
		if end.err != nil {
			t.Errorf("%s: %s", editors[i].name, end.talk)
		}
	}
	var texts, want []string
	for _, s := range m.speeches() {
		texts = append(texts, s.Text)
	}
	for i := range 18 {
		want = append(want, fmt.Sprintf("Text %d.", i))
	}
	slices.Sort(texts)
	slices.Sort(want)
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("the sentences (-want +got):\n%s", diff)
	}
	m.catalogue()
	m.checkOwners()
	m.checkEnd()
}

// TestSecondRunWaits: an editor who runs the same command in another terminal, while the first is at it.
func TestSecondRunWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, newMachine func(*testing.T) *machine) {
		m, lessons := newMachine(t), lessonsOf(t, 0, 18)
		storing, waiting := make(chan struct{}), make(chan struct{})
		first, second := &life{}, &life{}
		var once sync.Once
		first.onStep = func(what string) {
			if what == "Put" {
				once.Do(func() { close(storing) })
				<-waiting
			}
		}
		second.onTalk = func(text string) {
			if strings.Contains(text, "waiting for up to") {
				close(waiting)
			}
		}
		var one outcome
		var running sync.WaitGroup
		running.Go(func() { one = m.runImport(as(t, "alice"), first, lessons) })
		<-storing
		two := m.runImport(as(t, "alice"), second, lessons)
		running.Wait()
		if one.err != nil || two.err != nil || one.puts != 18 || two.puts != 0 {
			t.Errorf("the first stored %d, %v; the second %d, %v", one.puts, one.err, two.puts, two.err)
		}
		if !strings.Contains(two.talk, "0 created, 18 unchanged") {
			t.Errorf("the second said:\n%s", two.talk)
		}
		m.checkEnd()
	})
}
