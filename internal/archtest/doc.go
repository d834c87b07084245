// Package archtest holds the test that keeps the house standing: imports point down only, each vendor module has one
// room, and only main functions end the process. It has no code of its own; rules_test.go is the plan of the house.
package archtest
