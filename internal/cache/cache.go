// Package cache keeps short-lived copies of things that can be had again: in this process (Memory) or shared by all
// daemons (Redis). Both have the same methods and pass one contract suite (package cachetest).
//
// A cache may forget anything at any time; nothing that matters lives only here.
package cache
