package audio

// sampleDefaults hold where a fragment does not say otherwise.
type sampleDefaults struct {
	duration int // in units of time
	size     int // bytes
}

// parseDefaults reads the track's trex box (ISO/IEC 14496-12, section 8.8.3).
func parseDefaults(mvex []byte, track int) sampleDefaults {
	for trex := range boxes(mvex) {
		f := fields{b: trex.body}
		f.skip(4)
		if trex.name != "trex" || f.u32() != track {
			continue
		}
		f.skip(4)
		return sampleDefaults{duration: f.u32(), size: f.u32()}
	}
	return sampleDefaults{}
}

// fragmentRun is a trun box: units that follow each other in the file.
type fragmentRun struct {
	fields   // at the first unit's numbers
	flags    int
	count    int
	at       int // offset of the first unit in the file
	defaults sampleDefaults
}

// Flags of tfhd and trun (sections 8.8.7 and 8.8.8).
const (
	tfhdBase, tfhdDescription, tfhdDuration, tfhdSize = 0x1, 0x2, 0x8, 0x10

	trunOffset, trunFirstFlags                             = 0x1, 0x4
	trunDuration, trunSize, trunUnitFlags, trunComposition = 0x100, 0x200, 0x400, 0x800
)

// runs walks the track's runs in all fragments (moof boxes) of the file.
func (t mp4Track) runs(yield func(fragmentRun) bool) {
	for moof := range boxes(t.file) {
		if moof.name != "moof" {
			continue
		}
		for traf := range boxes(moof.body) {
			if traf.name == "traf" && !t.trafRuns(moof.at, traf.body, yield) {
				return
			}
		}
	}
}

// trafRuns walks the runs of one track in one fragment, whose header is at base. It reports whether to go on.
func (t mp4Track) trafRuns(base int, traf []byte, yield func(fragmentRun) bool) bool {
	f := fields{b: first(traf, "tfhd")}
	_, flags := f.full()
	if f.u32() != t.id {
		return true
	}
	defaults := t.defaults
	if flags&tfhdBase != 0 {
		base = int(min(f.u64(), 1<<62))
	}
	if flags&tfhdDescription != 0 {
		f.skip(4)
	}
	if flags&tfhdDuration != 0 {
		defaults.duration = f.u32()
	}
	if flags&tfhdSize != 0 {
		defaults.size = f.u32()
	}
	next := base // where a run begins that does not say
	for trun := range boxes(traf) {
		if trun.name != "trun" {
			continue
		}
		run := parseRun(trun.body, base, next, defaults)
		next = run.end()
		if !yield(run) {
			return false
		}
	}
	return true
}

func parseRun(trun []byte, base, next int, defaults sampleDefaults) fragmentRun {
	r := fragmentRun{fields: fields{b: trun}, at: next, defaults: defaults}
	_, r.flags = r.full()
	r.count = r.u32()
	if r.flags&trunOffset != 0 {
		r.at = base + r.i32()
	}
	if r.flags&trunFirstFlags != 0 {
		r.skip(4)
	}
	return r
}

// unit reads the numbers of the next unit. It reports false after the last one.
func (r *fragmentRun) unit() (sampleDefaults, bool) {
	const perUnit = trunDuration | trunSize | trunUnitFlags | trunComposition
	if r.count == 0 || r.flags&perUnit != 0 && len(r.b) == 0 {
		return sampleDefaults{}, false
	}
	r.count--
	u := r.defaults
	if r.flags&trunDuration != 0 {
		u.duration = r.u32()
	}
	if r.flags&trunSize != 0 {
		u.size = r.u32()
	}
	if r.flags&trunUnitFlags != 0 {
		r.skip(4)
	}
	if r.flags&trunComposition != 0 {
		r.skip(4)
	}
	return u, !r.short
}

// end is the offset behind the last unit.
func (r fragmentRun) end() int {
	if r.flags&trunSize == 0 {
		return r.at + r.count*r.defaults.size
	}
	for u, ok := r.unit(); ok; u, ok = r.unit() {
		r.at += u.size
	}
	return r.at
}

// fragmentUnits walks the units of all runs. It ends like tableUnits.
func (t mp4Track) fragmentUnits(yield func([]byte) bool) {
	for r := range t.runs {
		at := r.at
		for u, ok := r.unit(); ok; u, ok = r.unit() {
			if u.size == 0 || at < 0 || at > len(t.file) || u.size > len(t.file)-at {
				return
			}
			if !yield(t.file[at : at+u.size]) {
				return
			}
			at += u.size
		}
	}
}

// fragmentsDuration is the sum of all units' durations, in units of time.
func (t mp4Track) fragmentsDuration() float64 {
	sum := 0.0
	for r := range t.runs {
		if r.flags&trunDuration == 0 {
			sum += float64(r.count) * float64(r.defaults.duration)
			continue
		}
		for u, ok := r.unit(); ok; u, ok = r.unit() {
			sum += float64(u.duration)
		}
	}
	return sum
}
