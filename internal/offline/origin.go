package offline

import (
	"errors"
	"slices"
)

// published are the checksums of the files of the model, as sha256sum prints them: first those of Debian's pocketsphinx-en-us
// 0.8+5prealpha+1-15 (Debian 12). PocketSphinx 5.0.0 and 5.1.0 have come with other words and parameters, but the same sounds (compared up
// to 5.1.1).
var published = map[string][]string{
	definitionFile:  {"2360f9a86889c1cfee8bd618a0269387911e5fb2920a594f506b18b8c79683b0"},
	meansFile:       {"832019e32cac12eb318964f96f469034acb12d0348eeddc3831831a100cb4dd4"},
	variancesFile:   {"b00d696f85e96834fc10f8e5f06428d8c4db6bffdbe5845b6f69bf6efbc48fa5"},
	mixturesFile:    {"8c9564c0d5bef69ca9d9bf1014abe162f071644cf02cf1fa8a483c3dc165a7a8"},
	transitionsFile: {"c1f7f28ea43177be734be1f88bd7f1b9a853d0e660f8599c67c6eaeca8bb539a"},
	parametersFile: {
		"9f8058c107ebbc42abef6d39c67c6aedbcf60ac371332e550994e12a0392cb02",
		"c982c5f75e2a30c34d2c9ef1f6b129a5a00e67e3e927565076b58664cc2404c9", // 5.0.0
	},
	dictionaryFile: {
		"9de99dd2a24b63c653c1c30ab39388d05185cae36d0875f15c319b4ad6dc43af",
		"cb01cf8b6a47f5a97ed46b01e96ea8a924d07d1abfd770f787836013df8537da", // 5.0.0
		"20b5c293e1f311fb375fe067e500ec5636f4fc7af5594967263696def9b23bfe", // 5.1.0
	},
}

var errStray = errors.New("it is damaged, or belongs to another model: others are those of pocketsphinx-en-us, and this one is not")

// checkOrigin finds what the structure of the files does not show: where one of those that training writes is as published, all files have
// to be. It returns the name of the first that is not. Somebody's own model may share the others: one that was adapted has the same
// definition, parameters and dictionary, but other Gaussians and weights.
func checkOrigin(sums map[string]string) (file string, err error) {
	asPublished := func(name string) bool { return slices.Contains(published[name], sums[name]) }
	if !slices.ContainsFunc([]string{meansFile, variancesFile, mixturesFile}, asPublished) {
		return "", nil
	}
	for _, name := range fileNames {
		if !asPublished(name) {
			return name, errStray
		}
	}
	return "", nil
}
