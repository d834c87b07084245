// Package telemetry is how the program talks about itself: the logger, the id that ties the log lines of one
// request together, and the version that was built.
//
// It owns the shape of a log line and keeps secrets out of it. It does not decide what is logged, or when: that
// is the business of the edges.
package telemetry
