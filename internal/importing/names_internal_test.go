package importing

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFileMayBeNamedAsItWasSent(t *testing.T) {
	file := func(name, original string) UploadFile { return UploadFile{Name: name, OriginalName: original, Size: 1} }
	tests := []struct {
		name  string
		files []UploadFile
		want  map[string]string // name in the CSV to name of the file
	}{
		{"an upload that died had the name", []UploadFile{file("x_1.mp3", "x.mp3")},
			map[string]string{"x_1.mp3": "x_1.mp3", "x.mp3": "x_1.mp3"}},
		{"duplicates are told apart by the names they got", []UploadFile{file("x.mp3", "x.mp3"), file("x_1.mp3", "x.mp3")},
			map[string]string{"x.mp3": "x.mp3", "x_1.mp3": "x_1.mp3"}},
		{"two that could be meant are not guessed between", []UploadFile{file("x_1.mp3", "x.mp3"), file("x_2.mp3", "x.mp3")},
			map[string]string{"x_1.mp3": "x_1.mp3", "x_2.mp3": "x_2.mp3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]UploadFile{}
			for _, f := range tt.files {
				files[f.Name] = f
			}
			addOriginalNames(files)
			got := map[string]string{}
			for _, name := range slices.Collect(maps.Keys(files)) {
				got[name] = files[name].Name
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}
