package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// tick is the unit of times in /proc/PID/stat (USER_HZ, which is 100 on all of Linux's architectures that Go knows).
const tick = 10 * time.Millisecond

// processes are those whose time counts as one server's.
type processes struct {
	pids []int
	// families are processes that count with all their children, also with those that have ended: PostgreSQL's postmaster.
	families []int
}

// cpu is the processor time that the processes have taken so far, in the kernel and outside of it.
func (p processes) cpu() (time.Duration, error) {
	var total time.Duration
	for _, pid := range p.pids {
		spent, err := clock(pid)
		if err != nil {
			return 0, err
		}
		total += spent
	}
	for _, pid := range p.families {
		t, err := family(pid)
		if err != nil {
			return 0, err
		}
		total += t
	}
	return total, nil
}

// family is the time of a process, its living children, and those that it has waited for.
func family(parent int) (time.Duration, error) {
	s, err := readStat(parent)
	if err != nil {
		return 0, err
	}
	total, err := clock(parent)
	if err != nil {
		return 0, err
	}
	total += s.ended
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		child, err := readStat(pid)
		if err != nil || child.parent != parent { // it may have ended by now
			continue
		}
		if spent, err := clock(pid); err == nil {
			total += spent
		}
	}
	return total, nil
}

// clock is the processor time that a process has taken so far, with all its threads. /proc/PID/stat has it in hundredths of a second, which would
// be a tenth of what a second of light load takes.
func clock(pid int) (time.Duration, error) {
	id := int32(^pid)<<3 | 2 //nolint:gosec // how Linux names the clock of another process's time on processors, CPUCLOCK_SCHED (clock_getcpuclockid(3))
	var spent unix.Timespec
	if err := unix.ClockGettime(id, &spent); err != nil {
		return 0, fmt.Errorf("the processor time of process %d: %w", pid, err)
	}
	return time.Duration(spent.Nano()), nil
}

// stat is what /proc/PID/stat tells of a process (proc(5)).
type stat struct {
	parent int
	ended  time.Duration // fields 16 and 17, the processor time of children that were waited for
}

func readStat(pid int) (stat, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	return parseStat(raw)
}

// parseStat counts fields after the name, which may hold spaces and parentheses.
func parseStat(raw []byte) (stat, error) {
	end := bytes.LastIndexByte(raw, ')')
	fields := strings.Fields(string(raw[end+1:]))
	if end < 0 || len(fields) < 15 {
		return stat{}, fmt.Errorf("%q is no process's state", raw)
	}
	var n [3]int64
	for i, field := range []int{1, 13, 14} { // the name is field 2, so fields[0] is 3
		var err error
		if n[i], err = strconv.ParseInt(fields[field], 10, 64); err != nil {
			return stat{}, fmt.Errorf("%q is no process's state: %w", raw, err)
		}
	}
	return stat{int(n[0]), time.Duration(n[1]+n[2]) * tick}, nil
}

// resident is how much memory a process has now, in bytes.
func resident(pid int) (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("process %d has ended", pid)
	}
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/%d/status has no VmRSS", pid)
}
