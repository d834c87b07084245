package main

import "syscall"

// raiseFiles raises the limit of open files as far as it goes, if it is lower than wanted, and returns what it is then. The
// processes that are started later inherit it.
func raiseFiles(wanted uint64) (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	if limit.Cur >= wanted {
		return limit.Cur, nil
	}
	limit.Cur = min(wanted, limit.Max)
	return limit.Cur, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
