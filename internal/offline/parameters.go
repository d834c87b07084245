package offline

import (
	"errors"
	"fmt"
	"strings"
)

// checkParameters compares the features that the model was trained with (the file "feat.params") with those of the front end.
func checkParameters(content []byte) error {
	given := map[string]string{}
	fields := strings.Fields(string(content))
	for i := 0; i+1 < len(fields); i += 2 {
		given[fields[i]] = fields[i+1]
	}
	if len(given) == 0 {
		return errors.New("it says nothing of the features")
	}
	for _, want := range [][2]string{
		{"-lowerf", "130"}, {"-upperf", "6800"}, {"-nfilt", "25"}, {"-transform", "dct"}, {"-lifter", "22"},
		{"-feat", "1s_c_d_dd"}, {"-svspec", "0-12/13-25/26-38"}, {"-model", "ptm"},
	} {
		if got := given[want[0]]; got != want[1] {
			return fmt.Errorf("%s is %q; this program reads models with %s", want[0], shorten(got), want[1])
		}
	}
	return nil
}
