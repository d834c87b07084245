package importing

import "testing"

// TestParts: small imports are cut so that all uploaders have work, large ones into fewer and larger parts, and no part is
// longer or larger than what a run that dies may have stored in vain. No file is left out.
func TestParts(t *testing.T) {
	for name, tt := range map[string]struct {
		files          int
		size           int64
		parts, fullest int
	}{
		"nothing":                      {0, 0, 0, 0},
		"one":                          {1, 25_000, 1, 1},
		"one that is large":            {1, 10 << 20, 1, 1},
		"few":                          {40, 25_000, 3, minPartFiles},
		"a thousand":                   {1_000, 25_000, 33, 31},
		"many":                         {5_000, 25_000, 79, maxPartFiles},
		"large ones, two to a part":    {10, 2 << 20, 5, 2},
		"larger ones, each for itself": {10, 3 << 20, 10, 1},
	} {
		t.Run(name, func(t *testing.T) {
			files := make([]Outgoing, tt.files)
			for i := range files {
				files[i].Size = tt.size
			}
			count, fullest, sum := 0, 0, 0
			for part := range parts(files) {
				count, fullest, sum = count+1, max(fullest, len(part)), sum+len(part)
			}
			if count != tt.parts || fullest != tt.fullest || sum != tt.files {
				t.Errorf("%d parts, the fullest of %d, together %d files; want %d, %d and %d", count, fullest, sum, tt.parts, tt.fullest, tt.files)
			}
		})
	}
}
