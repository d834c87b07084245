package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/offline/degrade"
)

// condition is a way in which a recording is worse than those of the corpus. voices are of other speakers.
type condition struct {
	name   string
	worsen func(ctx context.Context, samples []int16, voices [][]int16, seed uint64) ([]int16, error)
}

// roomDirect is how much louder than its echoes a voice is that speaks into a phone held at arm's length, in dB.
const roomDirect = 3

// conditions are measured in this order; the first one is what all others are compared with. Codecs are left out where there is no FFmpeg,
// or it cannot write them.
func conditions() []condition {
	out := []condition{{"clean", func(_ context.Context, s []int16, _ [][]int16, _ uint64) ([]int16, error) { return s, nil }}}
	computed := func(name string, worsen func(s []int16, voices [][]int16, seed uint64) []int16) {
		out = append(out, condition{name, func(_ context.Context, s []int16, voices [][]int16, seed uint64) ([]int16, error) {
			return worsen(s, voices, seed), nil
		}})
	}
	for _, c := range []struct{ name, options, format string }{
		{"Opus 16 kbit/s", "-c:a libopus -b:a 16k -application voip", "ogg"},
		{"MP3 32 kbit/s", "-c:a libmp3lame -b:a 32k", "mp3"},
		{"AAC 24 kbit/s", "-c:a aac -b:a 24k", "adts"},
		{"AMR-WB 12.65 kbit/s", "-c:a libvo_amrwbenc -b:a 12.65k", "amr"},
		{"AMR-NB 12.2 kbit/s", "-ar 8000 -c:a libopencore_amrnb -b:a 12.2k", "amr"},
	} {
		out = append(out, condition{c.name, func(ctx context.Context, s []int16, _ [][]int16, _ uint64) ([]int16, error) {
			return throughCodec(ctx, s, strings.Fields(c.options), c.format)
		}})
	}
	computed("8 kHz", func(s []int16, _ [][]int16, _ uint64) []int16 { return degrade.Narrow(s) })
	computed("telephone", func(s []int16, _ [][]int16, _ uint64) []int16 { return degrade.Telephone(s) })
	for _, rt60 := range []float64{0.3, 0.6} {
		computed(fmt.Sprintf("room, RT60 %.1f s", rt60), func(s []int16, _ [][]int16, seed uint64) []int16 { return degrade.Room(s, rt60, roomDirect, seed) })
	}
	for _, snr := range []float64{20, 10, 5} {
		computed(fmt.Sprintf("white noise, %.0f dB", snr), func(s []int16, _ [][]int16, seed uint64) []int16 { return degrade.Noise(s, snr, seed) })
		computed(fmt.Sprintf("babble, %.0f dB", snr), func(s []int16, voices [][]int16, seed uint64) []int16 { return degrade.Babble(s, voices, snr, seed) })
	}
	return out
}

// throughCodec encodes and decodes samples by FFmpeg.
func throughCodec(ctx context.Context, samples []int16, options []string, format string) ([]int16, error) {
	const raw = "-f s16le -ar 16000 -ac 1"
	encode := append(append(strings.Fields(raw+" -i pipe:0"), options...), "-f", format, "pipe:1")
	packed, err := ffmpeg(ctx, pcm(samples), encode)
	if err != nil {
		return nil, err
	}
	unpacked, err := ffmpeg(ctx, packed, strings.Fields("-i pipe:0 "+raw+" pipe:1"))
	if err != nil {
		return nil, err
	}
	out := make([]int16, len(unpacked)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(unpacked[2*i:])) //nolint:gosec // the sign is wanted
	}
	return out, nil
}

func ffmpeg(ctx context.Context, in []byte, options []string) ([]byte, error) {
	c := exec.CommandContext(ctx, "ffmpeg", append([]string{"-hide_banner", "-loglevel", "error", "-threads", "1"}, options...)...) //nolint:gosec // options of our own
	var out, complaint bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(in), &out, &complaint
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("ffmpeg: %w: %s", err, complaint.String())
	}
	return out.Bytes(), nil
}

func pcm(samples []int16) []byte {
	out := make([]byte, 0, 2*len(samples))
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s)) //nolint:gosec // the bits are wanted
	}
	return out
}

// outcome is what became of a recording under a condition.
type outcome struct {
	marks   offline.Marks
	refused string // the code of the error; empty for none
	same    float64
	said    float64 // of the word that is replaced in swapped
}

// attempt is a recording of the corpus under a condition: with its text, the text of another one, and one word replaced.
type attempt struct{ right, other, swapped *outcome }

// underConditions hears so many utterances of the split under each condition. What it returns is by utterance and condition.
func underConditions(ctx context.Context, m *offline.Model, split []utterance, clips int, all []condition) ([]utterance, [][]attempt, error) {
	step := max(len(split)/max(clips, 1), 1)
	var chosen []utterance
	for i := 0; i < len(split) && len(chosen) < clips; i += step {
		chosen = append(chosen, split[i])
	}
	out := make([][]attempt, len(chosen))
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i := range chosen {
		work.Go(func() (err error) {
			out[i], err = tryAll(ctx, m, split, i*step, all)
			if i%10 == 9 {
				fmt.Fprintf(os.Stderr, "%d of %d clips\n", i+1, len(chosen))
			}
			return err
		})
	}
	return chosen, out, work.Wait()
}

func tryAll(ctx context.Context, m *offline.Model, split []utterance, at int, all []condition) ([]attempt, error) {
	samples, err := readWave(split[at].Path)
	if err != nil {
		return nil, err
	}
	others, err := voices(split, at)
	if err != nil {
		return nil, err
	}
	out := make([]attempt, len(all))
	for i, c := range all {
		worse, err := c.worsen(ctx, samples, others, uint64(at)) //nolint:gosec // not negative
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		if out[i], err = try(ctx, m, worse, split, at); err != nil {
			return nil, fmt.Errorf("%s, %s: %w", c.name, split[at].ID, err)
		}
	}
	return out, nil
}

func try(ctx context.Context, m *offline.Model, samples []int16, split []utterance, at int) (a attempt, err error) {
	h, err := m.Listen(ctx, samples)
	if err != nil {
		return a, err
	}
	text := split[at].Text
	words, other := strings.Fields(text), split[(at+len(split)/2+7)%len(split)].Text
	swappedAt := at % len(words)
	words[swappedAt] = unrelated(words, strings.Fields(other))
	if a.right, err = outcomeOf(ctx, m, h, text, swappedAt); err != nil {
		return a, err
	}
	if a.other, err = outcomeOf(ctx, m, h, other, 0); err != nil {
		a.other = nil // too short
	}
	if a.swapped, err = outcomeOf(ctx, m, h, strings.Join(words, " "), swappedAt); err != nil {
		a.swapped = nil
	}
	return a, ctx.Err()
}

func outcomeOf(ctx context.Context, m *offline.Model, h *offline.Hearing, text string, at int) (*outcome, error) {
	r, err := h.Read(ctx, text)
	if err != nil {
		return nil, err
	}
	o := &outcome{marks: m.Mark(r)}
	o.same, o.said = o.marks.Confidence, o.marks.Words[at].Goodness
	if j := offline.Trained(m); j != nil {
		opinion := j.Hear(m, r)
		o.same, o.said = opinion.Same, opinion.Said[at]
	}
	if f, ok := errors.AsType[*fault.Error](o.marks.Check(r)); ok {
		o.refused = f.Code
	}
	return o, nil
}
