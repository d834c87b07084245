// Command figures draws the figures of docs/pronunciation.md, of a recording that Debian's package pocketsphinx-testdata has.
//
//	go run ./internal/offline/figures docs/figures
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/englishapp/englishctl/internal/offline"
)

const (
	recording = "/usr/share/pocketsphinx/test/data/goforward.raw"
	text      = "Go forward ten meters."
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: figures DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	m, err := offline.Open(offline.DebianDir)
	if err != nil {
		return err
	}
	samples, err := raw(recording)
	if err != nil {
		return err
	}
	h, err := m.Listen(context.Background(), samples)
	if err != nil {
		return err
	}
	r, err := h.Read(context.Background(), text)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	picture, err := spectrogram(m.Bands(samples))
	if err != nil {
		return err
	}
	for name, drawing := range map[string]string{"alignment.svg": alignment(r, picture), "words.svg": words(m.Mark(r))} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(drawing), 0o640); err != nil { //nolint:gosec // no secret
			return err
		}
	}
	return nil
}

func raw(path string) ([]int16, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := make([]int16, len(content)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(content[2*i:])) //nolint:gosec // the sign is wanted
	}
	return out, nil
}

// spectrogram draws the bands, the lowest at the bottom, loud ones dark, as a PNG in base64.
func spectrogram(bands [][]float64) (string, error) {
	const range60dB = 13.8 // in natural logarithms of power
	loudest := 0.0
	for _, frame := range bands {
		loudest = max(loudest, slices.Max(frame))
	}
	picture := image.NewGray(image.Rect(0, 0, len(bands), len(bands[0])))
	for t, frame := range bands {
		for i, v := range frame {
			shade := 255 * min(max((loudest-v)/range60dB, 0), 1)
			picture.SetGray(t, len(frame)-1-i, color.Gray{Y: uint8(shade)})
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, picture)
	return base64.StdEncoding.EncodeToString(out.Bytes()), err
}

const (
	width  = 900.0
	height = 200.0
	margin = 20.0
)

const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="12">
<rect width="100%%" height="100%%" fill="white"/>
`

// alignment draws a spectrogram with the sounds and words below it.
func alignment(r *offline.Reading, picture string) string {
	var b strings.Builder
	fmt.Fprintf(&b, head, width+2*margin, height+95)
	fmt.Fprintf(&b, `<image x="%g" y="%g" width="%g" height="%g" preserveAspectRatio="none" href="data:image/png;base64,%s"/>`+"\n", margin, margin, width, height, picture)
	x := func(frame int) float64 { return math.Round(10*(margin+width*float64(frame)/float64(r.Frames))) / 10 }
	bottom := margin + height
	for _, w := range r.Words {
		for _, s := range w.Sounds {
			fmt.Fprintf(&b, `<line x1="%g" y1="%g" x2="%g" y2="%g" stroke="#c33" stroke-width="0.8"/>`+"\n", x(s.From), margin, x(s.From), bottom+20)
			fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="middle">%s</text>`+"\n", (x(s.From)+x(s.To))/2, bottom+15, s.Phone)
		}
		fmt.Fprintf(&b, `<line x1="%g" y1="%g" x2="%g" y2="%g" stroke="#c33" stroke-width="0.8"/>`+"\n", x(w.To), margin, x(w.To), bottom+20)
		fmt.Fprintf(&b, `<line x1="%g" y1="%g" x2="%g" y2="%g" stroke="#333" stroke-width="2"/>`+"\n", x(w.From), bottom+25, x(w.To), bottom+25)
		fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="middle" font-weight="bold">%s</text>`+"\n", (x(w.From)+x(w.To))/2, bottom+42, w.Text)
	}
	for t := 0; t <= r.Frames; t += 50 {
		fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="middle" fill="#777">%.1f s</text>`+"\n", x(t), bottom+62, float64(t)/100)
	}
	return b.String() + "</svg>\n"
}

// words draws a bar for each mark.
func words(m offline.Marks) string {
	const step, left, scale = 24.0, 110.0, 5.0
	type bar struct {
		name  string
		score float64
		fill  string
	}
	bars := []bar{{"overall", m.Overall, "#456"}, {"accuracy", m.Accuracy, "#456"}, {"fluency", m.Fluency, "#456"}, {"completeness", m.Completeness, "#456"}}
	for _, w := range m.Words {
		bars = append(bars, bar{w.Text, w.Score, "#39a"})
	}
	var b strings.Builder
	fmt.Fprintf(&b, head, left+100*scale+60, margin+step*float64(len(bars))+10)
	for i, c := range bars {
		y := margin + step*float64(i)
		fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="end">%s</text>`, left-8, y+12, c.name)
		fmt.Fprintf(&b, `<rect x="%g" y="%g" width="%.1f" height="16" fill="%s"/>`, left, y, c.score*scale, c.fill)
		fmt.Fprintf(&b, `<text x="%.1f" y="%g">%.0f</text>`+"\n", left+c.score*scale+6, y+12, c.score)
	}
	return b.String() + "</svg>\n"
}
