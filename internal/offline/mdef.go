package offline

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// statesPerPhone is how many states one sound has, one after the other: its beginning, middle and end.
const statesPerPhone = 3

// phone numbers a sound of the model: "AA", "B", …, "SIL".
type phone uint8

// senones are the numbers of the states' distributions of one sound, in a context or without.
type senones [statesPerPhone]uint16

// position is where in its word a sound stands, in the order of the file.
type position uint8

// The positions.
const (
	inside position = iota
	first
	last
	alone
)

// triphone is a sound between two others.
type triphone struct {
	base, left, right phone
	at                position
}

// definition says which sounds the model has, and which distributions belong to them (the file "mdef").
type definition struct {
	names       []string // of the phones
	byName      map[string]phone
	fillers     []bool // by phone: silence and noises
	silence     phone
	plain       []senones // by phone, whatever is around it
	transitions []int     // by phone: its number in the file of transitions
	inContext   map[triphone]senones
	owner       []phone // by senone
	state       []uint8 // by senone: 0 to 2
}

// Bounds that keep a damaged file from asking for a lot of memory. The model has 42, 137,053, 5,126 and 29,324.
const (
	maxPhones    = 200
	maxTriphones = 1 << 20
	maxSenones   = 1 << 15
	maxSequences = 1 << 18
)

// readDefinition reads the binary form of the file, "BMDF".
func readDefinition(content []byte) (*definition, error) {
	f := &fields{rest: content}
	if !bytes.Equal(f.bytes(4), []byte("BMDF")) {
		return nil, errors.New("it is no binary model definition")
	}
	f.int() // the version of the format, which its text describes
	f.bytes(f.int())
	phones, triphones := f.int(), f.int()
	f.expect("states a sound", statesPerPhone)
	plain, total := f.int(), f.int()
	transitions, sequences := f.int(), f.int()
	f.expect("sounds of context", 3)
	tree, silence := f.int(), f.int()
	if f.err != nil {
		return nil, f.err
	}
	if phones < 1 || phones > maxPhones || triphones < phones || triphones > maxTriphones || total < plain || total > maxSenones ||
		sequences < 1 || sequences > maxSequences || tree < 0 || tree > maxTriphones || silence < 0 || silence >= phones || transitions < 1 {
		return nil, errors.New("its counts make no sense")
	}
	d := &definition{byName: make(map[string]phone, phones), silence: phone(silence), inContext: make(map[triphone]senones, triphones)}
	before := len(f.rest)
	d.readNames(f, phones)
	f.bytes((4 - (before-len(f.rest))%4) % 4)
	f.bytes(8 * tree) // an index that nobody needs here
	table := f.bytes(12 * triphones)
	f.bytes(4) // how many numbers follow
	states := f.bytes(2 * statesPerPhone * sequences)
	if err := f.end(); err != nil {
		return nil, err
	}
	return d, d.readTable(table, states, phones, total, transitions)
}

func (d *definition) readNames(f *fields, n int) {
	for i := range n {
		end := bytes.IndexByte(f.rest[:min(len(f.rest), 32)], 0)
		if f.err == nil && end < 1 {
			f.err = errors.New("a sound has no name")
		}
		if f.err != nil {
			return
		}
		name := string(f.bytes(end + 1)[:end])
		if _, twice := d.byName[name]; twice {
			f.err = fmt.Errorf("it has the sound %q twice", name)
			return
		}
		d.names = append(d.names, name)
		d.fillers = append(d.fillers, strings.HasPrefix(name, "+") || phone(i) == d.silence)
		d.byName[name] = phone(i)
	}
}

// readTable reads a row of 12 bytes for each sound: its sequence of states, its transitions, and in what context it stands.
func (d *definition) readTable(table, states []byte, phones, total, transitions int) error {
	d.owner, d.state = make([]phone, total), make([]uint8, total)
	owned := make([]bool, total)
	rows, sequences := fields{rest: table}, fields{rest: states}
	all := make([]senones, len(states)/(2*statesPerPhone))
	for i := range all {
		for k := range statesPerPhone {
			b := sequences.bytes(2)
			if all[i][k] = uint16(b[0]) | uint16(b[1])<<8; int(all[i][k]) >= total {
				return fmt.Errorf("a sound has the distribution %d of %d", all[i][k], total)
			}
		}
	}
	for i := 0; len(rows.rest) > 0; i++ {
		sequence, transition := rows.int(), rows.int()
		context := rows.bytes(4)
		if sequence < 0 || sequence >= len(all) || transition < 0 || transition >= transitions {
			return fmt.Errorf("row %d of its sounds points nowhere", i)
		}
		s, base := all[sequence], phone(i)
		if i < phones {
			d.plain, d.transitions = append(d.plain, s), append(d.transitions, transition)
		} else {
			at, around := position(context[0]), context[1:]
			if at > alone || int(max(around[0], around[1], around[2])) >= phones {
				return fmt.Errorf("row %d of its sounds points nowhere", i)
			}
			base = phone(around[0])
			d.inContext[triphone{base, phone(around[1]), phone(around[2]), at}] = s
		}
		for k, senone := range s {
			if !owned[senone] {
				owned[senone], d.owner[senone], d.state[senone] = true, base, uint8(k)
			}
			if d.owner[senone] != base {
				return fmt.Errorf("the distribution %d belongs to two sounds", senone)
			}
		}
	}
	for i, is := range owned {
		if !is {
			return fmt.Errorf("the distribution %d belongs to no sound", i)
		}
	}
	return nil
}

// between returns the distributions of a sound in its context. Where the model has not seen it there, another position in the word
// will do, and else what it has whatever is around it.
func (d *definition) between(base, left, right phone, at position) senones {
	if d.fillers[base] {
		return d.plain[base]
	}
	if d.fillers[left] {
		left = d.silence
	}
	if d.fillers[right] {
		right = d.silence
	}
	for _, at := range [...]position{at, inside, first, last, alone} {
		if s, known := d.inContext[triphone{base, left, right, at}]; known {
			return s
		}
	}
	return d.plain[base]
}
