// Command speechocean measures how well the offline marks agree with human experts, on the public corpus speechocean762
// (github.com/jimbozhang/speechocean762), and teaches the judge that gives them.
//
//	go run ./internal/offline/speechocean -corpus DIR            measure, on the official test split
//	go run ./internal/offline/speechocean -corpus DIR -teach F   teach a judge on the train split, and write it to F
//	go run ./internal/offline/speechocean -corpus DIR -conditions 400
//	                                                             measure so many clips of it also compressed, with noise, in rooms
//	go run ./internal/offline/speechocean -corpus DIR -halves 150
//	                                                             measure what becomes of so many clips of it that end after half of the words
//
// What the model hears takes an hour of a processor; it is kept in the folder -cache. The corpus stays outside the repository.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/englishapp/englishctl/internal/offline"
)

type options struct {
	corpus, model, cache, teach, judge string
	parts, conditions, halves          int
}

func main() {
	var o options
	flag.StringVar(&o.corpus, "corpus", "", "folder of speechocean762")
	flag.StringVar(&o.model, "model", offline.DebianDir, "folder of the acoustic model")
	flag.StringVar(&o.cache, "cache", filepath.Join(os.TempDir(), "speechocean"), "folder for what was heard")
	flag.StringVar(&o.teach, "teach", "", "file to write a judge to, who learns from the train split")
	flag.StringVar(&o.judge, "judge", "", "file of the judge to measure; not set: the program's own")
	flag.IntVar(&o.parts, "parts", shards, "how many of the 25 parts of the split are used")
	flag.IntVar(&o.conditions, "conditions", 0, "how many clips of the test split are measured under bad conditions; set: nothing else is measured")
	flag.IntVar(&o.halves, "halves", 0, "how many clips of the test split are cut after half of the words; set: nothing else is measured")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "speechocean:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.corpus == "" {
		return fmt.Errorf("-corpus is not set: the folder of speechocean762")
	}
	m, err := offline.Open(o.model)
	if err != nil {
		return err
	}
	if o.conditions > 0 || o.halves > 0 {
		return o.experiment(ctx, m)
	}
	if err := os.MkdirAll(o.cache, 0o750); err != nil {
		return err
	}
	split := "test"
	if o.teach != "" {
		split = "train"
	}
	all, err := o.lessons(ctx, m, split)
	if err != nil {
		return err
	}
	if o.teach != "" {
		return teachTo(o.teach, m, all)
	}
	return o.measure(m, all)
}

// experiment measures what becomes of recordings that are changed.
func (o *options) experiment(ctx context.Context, m *offline.Model) error {
	split, err := readSplit(o.corpus, "test")
	if err != nil {
		return err
	}
	if o.halves > 0 {
		return measureHalves(ctx, os.Stdout, m, o.model, split, o.halves)
	}
	return measureConditions(ctx, m, split, o.conditions)
}

func (o *options) lessons(ctx context.Context, m *offline.Model, name string) ([]lesson, error) {
	split, err := readSplit(o.corpus, name)
	if err != nil {
		return nil, err
	}
	path, copies := filepath.Join(o.cache, name), o.teach != ""
	if copies {
		path += "-twice"
	}
	all, err := extract(ctx, m, split, copies, path, o.parts)
	if err != nil {
		return nil, err
	}
	out, err := join(split, all)
	fmt.Printf("%s split: %d utterances, heard %d times\n", name, len(split), len(out))
	return out, err
}

// originals are the lessons whose recordings are as they were.
func originals(all []lesson) (out []lesson) {
	for _, l := range all {
		if !l.Copy {
			out = append(out, l)
		}
	}
	return out
}

// byAllExperts are the lessons whose sentences five experts have marked: in the corpus as it was published all have five.
func byAllExperts(all []lesson) (out []lesson) {
	for _, l := range all {
		if l.Experts == 5 {
			out = append(out, l)
		}
	}
	return out
}

func teachTo(path string, m *offline.Model, all []lesson) error {
	j, scores, err := teach(m, all)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := j.Encode(f); err != nil {
		return err
	}
	fmt.Println("five folds of speakers of the train split:")
	return report(os.Stdout, []agreement{{"formula", agree(originals(all), byFormula)}, {"judge, by folds", scores}})
}

func (o *options) measure(m *offline.Model, all []lesson) error {
	j, err := o.chosen(m)
	if err != nil {
		return err
	}
	columns := []agreement{{"formula", agree(all, byFormula)}}
	if j != nil {
		for i := range all {
			all[i].hearWith(m, &j.Ear)
		}
		hear := func(r *offline.Reading) offline.Opinion { return j.Hear(m, r) }
		columns = append(columns, agreement{"judge", agree(all, hear)})
		if sure := byAllExperts(all); len(sure) > 0 {
			columns = append(columns, agreement{fmt.Sprintf("judge, %d by five experts", len(sure)), agree(sure, hear)})
		}
	}
	pace(os.Stdout, all)
	if o.judge == "" {
		refusals(os.Stdout, m, all)
	}
	return report(os.Stdout, columns)
}

// chosen is the judge of a file, or the program's own.
func (o *options) chosen(m *offline.Model) (*offline.Judge, error) {
	if o.judge == "" {
		return offline.Trained(m), nil
	}
	content, err := os.ReadFile(o.judge)
	if err != nil {
		return nil, err
	}
	return offline.ReadJudge(content)
}
