// Package remote is the services of a daemon elsewhere: a client of its API that has the services' own methods, so that
// a command does not know whether it works in this process or over HTTP.
//
// It owns how a request is made (tokens, time, trying again), how an answer becomes the value or the fault that the
// service itself would have returned, and the file in which sign-ins are kept. It holds no rule of the product: the
// daemon's services judge what they are sent, and what they say comes back word for word.
//
// What it never does: it sends no token to another host than the one that gave it, follows no redirect, repeats no
// request that may have changed something, and prints no secret.
//
// Where to start reading: call.go is the way of a request and back, answer.go what becomes of an answer.
package remote
