//go:build !azuresdk

package app

import (
	"errors"

	"github.com/englishapp/englishctl/internal/azure"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// newSDK refuses: config.ValidateForServe and ValidateForScoring have told daemons and score before, but no other command.
func newSDK(azure.Config) (pronunciation.Assessor, error) {
	return nil, errors.New("SPEECH_PROVIDER is azure-sdk, but this program was built without Microsoft's SDK (build tag azuresdk)")
}
