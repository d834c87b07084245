package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
)

// beCrowd is the variable that makes the test program a crowd; its value is how long their provider takes.
const beCrowd = "ENGLISHCTL_TEST_CROWD"

// TestMain makes the program a crowd for the benchmark that has started it.
func TestMain(m *testing.M) {
	delay, err := time.ParseDuration(os.Getenv(beCrowd))
	if err != nil {
		os.Exit(m.Run())
	}
	if err := serveCrowd(delay, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "crowd:", err)
		os.Exit(1)
	}
}

// crowd is learners and their provider in a process of their own. Within the daemon's they would take its processor time and
// memory, and those who play beside them would wait for a turn behind them, for which the daemon would be blamed.
type crowd struct {
	asks    *json.Encoder
	answers *json.Decoder
	// provider is its address.
	provider string
}

// crowdTask is that each of so many learners has a sentence of their own scored, all at once.
type crowdTask struct {
	Address, Token  string
	First, Learners int // numbers of sentences
	Recording       []byte
}

// crowdResult is how long all of it took.
type crowdResult struct {
	Took   time.Duration
	Failed []string
}

// newCrowd starts one, which ends with the benchmark.
func newCrowd(b *testing.B, delay time.Duration) *crowd {
	b.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:noctx // it ends when its input does
	cmd.Env, cmd.Stderr = append(os.Environ(), beCrowd+"="+delay.String()), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	c := &crowd{asks: json.NewEncoder(in), answers: json.NewDecoder(bufio.NewReader(out))}
	if err := c.answers.Decode(&c.provider); err != nil {
		b.Fatal(err)
	}
	return c
}

// score lets so many learners speak at once, and returns how long it takes until all have their scores.
func (c *crowd) score(b *testing.B, room *classroom, recording []byte, first, learners int) time.Duration {
	b.Helper()
	var result crowdResult
	err := c.asks.Encode(crowdTask{room.address, room.token, first, learners, recording})
	if err == nil {
		err = c.answers.Decode(&result)
	}
	if err != nil {
		b.Fatal(err)
	}
	for _, failure := range result.Failed {
		b.Error(failure)
	}
	return result.Took
}

// serveCrowd is what the crowd's process does until its input ends.
func serveCrowd(delay time.Duration, in io.Reader, out io.Writer) error {
	provider := httptest.NewServer(azuretest.New(azuretest.Config{Delay: delay}))
	defer provider.Close()
	answers := json.NewEncoder(out)
	if err := answers.Encode(provider.URL); err != nil {
		return err
	}
	for tasks := json.NewDecoder(in); ; {
		var task crowdTask
		if err := tasks.Decode(&task); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(task.do()); err != nil {
			return err
		}
	}
}

func (t crowdTask) do() crowdResult {
	c := &classroom{Daemon: &Daemon{address: t.Address}, token: t.Token}
	var result crowdResult
	var mu sync.Mutex
	var all sync.WaitGroup
	began := time.Now()
	for n := range t.Learners {
		all.Go(func() {
			status, got, err := c.score(context.Background(), t.Recording, sentence(t.First+n))
			if err != nil || status != http.StatusOK {
				mu.Lock()
				defer mu.Unlock()
				result.Failed = append(result.Failed, fmt.Sprintf("%d %+v, %v", status, got, err))
			}
		})
	}
	all.Wait()
	result.Took = time.Since(began)
	return result
}

// sentence is one that nobody has read before, for each n: what was scored within ten minutes is known.
func sentence(n int) string { return fmt.Sprintf("Number %d is said here.", n) }
