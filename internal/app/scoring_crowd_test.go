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

	"github.com/google/uuid"

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
// memory, and would wait for turns behind its work, for which the daemon would be blamed.
type crowd struct {
	asks    *json.Encoder
	answers *json.Decoder
	// provider is its address.
	provider string
}

// crowdTask is what learners do at an address: either all of them have a sentence of their own scored at once, or one of them
// draws sentences until there is another task.
type crowdTask struct {
	Address, Token  string
	First, Learners int // numbers of sentences
	Recording       []byte
	Draw            *drawing
}

// drawing asks for sentences with a tag, so many times a second, at fixed moments whether those before are answered or not.
type drawing struct {
	Tag uuid.UUID
	A   int // second
}

// crowdResult is how long all of it took, and each draw from the moment it was due.
type crowdResult struct {
	Took   time.Duration
	Draws  []time.Duration
	Failed []string
}

// newCrowd starts one, which ends with the benchmark. In reality they have machines of their own: the priority is for them to take, and to
// wait for, as little as possible of this one.
func newCrowd(b *testing.B, delay time.Duration, p priority) *crowd {
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
	if err := p.start(b, cmd); err != nil {
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

// begin gives the crowd a task, and end waits for what came of it.
func (c *crowd) begin(b *testing.B, task crowdTask) {
	b.Helper()
	if err := c.asks.Encode(task); err != nil {
		b.Fatal(err)
	}
}

func (c *crowd) end(b *testing.B) crowdResult {
	b.Helper()
	var result crowdResult
	if err := c.answers.Decode(&result); err != nil {
		b.Fatal(err)
	}
	for _, failure := range result.Failed {
		b.Error(failure)
	}
	return result
}

// stop ends the drawing, and returns how long each draw took.
func (c *crowd) stop(b *testing.B) []time.Duration {
	b.Helper()
	c.begin(b, crowdTask{})
	return c.end(b).Draws
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
		var task, next crowdTask
		if err := tasks.Decode(&task); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		end := make(chan struct{})
		if task.Draw != nil {
			go func() {
				defer close(end)
				_ = tasks.Decode(&next) // or the end of the benchmark
			}()
		}
		if err := answers.Encode(task.do(end)); err != nil {
			return err
		}
	}
}

func (t crowdTask) do(end <-chan struct{}) crowdResult {
	c := &classroom{Daemon: &Daemon{address: t.Address}, token: t.Token}
	if t.Draw != nil {
		return c.drawUntil(end, *t.Draw)
	}
	return c.scoreAtOnce(t)
}

// scoreAtOnce is each learner over a connection of their own. An answer that the recording is of another sentence has cost as much as
// a score.
func (c *classroom) scoreAtOnce(t crowdTask) (result crowdResult) {
	var mu sync.Mutex
	var all sync.WaitGroup
	began := time.Now()
	for n := range t.Learners {
		all.Go(func() {
			status, got, err := c.score(context.Background(), t.Recording, sentence(t.First+n))
			if err != nil || status != http.StatusOK && got.Code != "different_sentence" {
				mu.Lock()
				defer mu.Unlock()
				result.Failed = append(result.Failed, fmt.Sprintf("%d %+v, %v", status, got, err))
			}
		})
	}
	all.Wait()
	result.Took = time.Since(began)
	http.DefaultClient.CloseIdleConnections()
	return result
}

// drawUntil draws until the end.
func (c *classroom) drawUntil(end <-chan struct{}, d drawing) (result crowdResult) {
	draw := map[string]any{"level": "A1", "type": "question", "tags": []uuid.UUID{d.Tag}, "limit": 10}
	var mu sync.Mutex
	var draws sync.WaitGroup
	began := time.Now()
	for n := 0; ; n++ {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(d.A))
		select {
		case <-time.After(time.Until(due)):
		case <-end:
			draws.Wait()
			return result
		}
		draws.Go(func() {
			status, answer, err := c.sendJSON(context.Background(), http.MethodPost, "/game/speeches/random", c.token, "", draw)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || status != http.StatusOK {
				result.Failed = append(result.Failed, fmt.Sprintf("draw: %d %s, %v", status, answer, err))
			}
			result.Draws = append(result.Draws, time.Since(due))
		})
	}
}

// sentence is one that nobody has read before, for each n: what was scored within ten minutes is known.
func sentence(n int) string { return fmt.Sprintf("Number %d is said here.", n) }
