package ratelimit

import (
	"container/list"
	"time"
)

const (
	// share is which part of what is left of a budget a lease takes: a tenth. Of ten or fewer none is taken, so that small
	// limits, of passwords above all, are counted one by one.
	share = 10
	// maxLease bounds a lease, so that a daemon soon learns what others do, and that the store is out.
	maxLease = 100
)

// maxLasting is how long a lease may be used, in microseconds.
var maxLasting = time.Minute.Microseconds()

// lease is a part of a key's budget that is set aside in the store for this process: how many requests it may allow without asking
// there. What is set aside counts for all others as taken, and does not come back until it is given back or its time is over.
// Times are of the store's clock, in microseconds since 1970.
type lease struct {
	name  string
	left  int64 // requests
	used  int64 // requests that the store does not know of
	until int64
	ahead int64 // the store's clock, beyond ours
	// due is when the budget will be whole again by what is known here, but for what is set aside. usedDue is the same of a budget from
	// which only what was used is missing.
	due, usedDue int64
	aside        int64 // requests that other leases hold, when we last asked
	asking       bool  // somebody is asking for the next one
}

// take takes a request off the lease at a time of our clock, if it has one left.
func (le *lease) take(l Limit, now int64) (v Verdict, ok bool) {
	now += le.ahead
	if le.left == 0 || now >= le.until {
		return Verdict{}, false
	}
	le.left--
	le.used++
	le.due = max(le.due, now) + l.interval()
	le.usedDue = max(le.usedDue, now) + l.interval()
	return answer{allowed: true, now: now, due: le.due, aside: le.aside}.verdict(l), true
}

// returned is what the store is told about a lease that is given back.
type returned struct {
	name      string
	used, due int64
}

// ask returns what to give back, and the name under which the next lease is to be taken. While somebody else asks for one, both
// are empty: that request is counted for itself, and waits for nobody.
func (le *lease) ask() (returned, string) {
	if le.asking {
		return returned{}, ""
	}
	le.asking = true
	return returned{le.name, le.used, le.usedDue}, newName()
}

// leases are those of all keys. Where there is no room, the one that was used longest ago is forgotten; in the store it counts as
// used up when its time is over.
type leases struct {
	max    int
	keys   map[string]*list.Element
	recent *list.List // of *kept, the last used at the front
}

type kept struct {
	key   string
	lease lease
}

func newLeases(maxKeys int) leases {
	return leases{max: max(maxKeys, 1), keys: map[string]*list.Element{}, recent: list.New()}
}

// get returns the key's lease, or an empty one that it keeps from now on.
func (ls *leases) get(key string) *lease {
	if element, ok := ls.keys[key]; ok {
		ls.recent.MoveToFront(element)
		return &element.Value.(*kept).lease
	}
	if ls.recent.Len() >= ls.max {
		oldest := ls.recent.Back()
		ls.recent.Remove(oldest)
		delete(ls.keys, oldest.Value.(*kept).key)
	}
	k := &kept{key: key}
	ls.keys[key] = ls.recent.PushFront(k)
	return &k.lease
}

// drop forgets a key, as long as the lease is still the one that is kept under it.
func (ls *leases) drop(key string, held *lease) {
	element, ok := ls.keys[key]
	if !ok || &element.Value.(*kept).lease != held {
		return
	}
	ls.recent.Remove(element)
	delete(ls.keys, key)
}
