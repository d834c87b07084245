package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// checkDockerfile parses the file and demands that what it copies is there, and that nobody runs as root.
func checkDockerfile(f *findings, dockerContext, path string) {
	content, err := os.ReadFile(path)
	if f.failed(err) {
		return
	}
	tree, err := parser.Parse(bytes.NewReader(content))
	if f.failed(err) {
		return
	}
	for _, w := range tree.Warnings {
		f.add("%s", w.Short)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, at []parser.Range) {
		f.add("line %d: %s (%s)", at[0].Start.Line, message, rule)
	}})
	stages, _, err := instructions.Parse(tree.AST, lint)
	if f.failed(err) {
		return
	}
	var names []string
	for i := range stages {
		checkStage(f, dockerContext, &stages[i], names)
		names = append(names, stages[i].Name)
	}
	checkLastStage(f, &stages[len(stages)-1])
}

func checkStage(f *findings, dockerContext string, stage *instructions.Stage, earlier []string) {
	if _, tag, tagged := strings.Cut(stage.BaseName, ":"); stage.BaseName != "scratch" && !slices.Contains(earlier, stage.BaseName) && (!tagged || tag == "latest") {
		f.add("%s has no version", stage.BaseName)
	}
	for _, command := range stage.Commands {
		from, ok := command.(*instructions.CopyCommand)
		if !ok {
			continue
		}
		if from.From != "" {
			if !slices.Contains(earlier, from.From) {
				f.add("there is no stage %s before the one that copies from it", from.From)
			}
			continue
		}
		for _, source := range from.SourcePaths {
			if found, err := filepath.Glob(filepath.Join(dockerContext, source)); err != nil || len(found) == 0 {
				f.add("there is no %s to copy", source)
			}
		}
	}
}

func checkLastStage(f *findings, stage *instructions.Stage) {
	user := ""
	for _, command := range stage.Commands {
		if set, ok := command.(*instructions.UserCommand); ok {
			user = set.User
		}
	}
	if user == "" || user == "root" || user == "0" {
		f.add("the image runs as root")
	}
}
