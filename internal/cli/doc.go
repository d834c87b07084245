// Package cli is the englishctl command: it turns arguments into calls of the services and their answers into
// tables, JSON or CSV. It holds no rules of the product and no SQL.
//
// One file holds one command. Data goes to stdout, talk to stderr. The exit codes are decided in exitCode, and only there.
package cli
