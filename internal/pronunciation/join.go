package pronunciation

import (
	"context"
	"fmt"
	"sync"
)

// joint lets those who ask for the same thing at the same moment wait for one answer. It is safe for concurrent use.
type joint struct {
	mu    sync.Mutex
	calls map[string]*sharedCall // by what is asked for
}

// sharedCall is one that any number of askers wait for.
type sharedCall struct {
	answer  answer        // valid once done is closed
	done    chan struct{} // closed when it has ended
	end     context.CancelFunc
	waiting int // how many; guarded by joint.mu
}

func newJoint() *joint { return &joint{calls: map[string]*sharedCall{}} }

// do calls ask and returns its answer, or waits for the answer of a call under the same key that is in work; joined says which. Who hangs up
// leaves the call to the others; it ends when all have left, and nobody joins it then.
func (j *joint) do(ctx context.Context, key string, ask func(context.Context) (Assessment, error)) (a Assessment, joined bool, err error) {
	call, joined := j.join(ctx, key, ask)
	select {
	case <-call.done:
		a, err = call.answer.result()
		return a, joined, err
	case <-ctx.Done():
		j.leave(key, call)
		return Assessment{}, joined, fmt.Errorf("wait for the scores: %w", ctx.Err())
	}
}

// join returns the call in work under the key, or begins one. That has the values of whoever began it, but not their deadline.
func (j *joint) join(ctx context.Context, key string, ask func(context.Context) (Assessment, error)) (call *sharedCall, joined bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if call, joined = j.calls[key]; joined {
		call.waiting++
		return call, true
	}
	within, end := context.WithCancel(context.WithoutCancel(ctx))
	call = &sharedCall{done: make(chan struct{}), end: end, waiting: 1}
	j.calls[key] = call
	go func() {
		defer end()
		call.answer = caught(within, ask)
		j.forget(key, call)
		close(call.done)
	}()
	return call, false
}

// leave takes one of those away who wait for the call.
func (j *joint) leave(key string, call *sharedCall) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if call.waiting--; call.waiting == 0 {
		call.end()
		j.drop(key, call)
	}
}

func (j *joint) forget(key string, call *sharedCall) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.drop(key, call)
}

// drop is for who holds the lock. There may be another call under the key, if all have left this one.
func (j *joint) drop(key string, call *sharedCall) {
	if j.calls[key] == call {
		delete(j.calls, key)
	}
}

// caught keeps a panic for those who wait; a goroutine's own would end the program.
func caught(ctx context.Context, ask func(context.Context) (Assessment, error)) (got answer) {
	defer func() {
		if v := recover(); v != nil {
			got = answer{panicked: v}
		}
	}()
	got.assessment, got.err = ask(ctx)
	return got
}
