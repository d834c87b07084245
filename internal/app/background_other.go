//go:build !linux

package app

// lowerPriority does nothing: elsewhere a process has one priority for all its threads.
func lowerPriority() {}
