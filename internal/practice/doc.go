// Package practice keeps the game sessions that learners have played.
//
// It owns the rules of a session (which counts may disagree, which scores exist in which mode, what a repeated request
// means), of the history and of who may see what. It does not know HTTP or SQL, how speeches are selected, or how
// a recording gets its link.
package practice
