//go:build !azuresdk

package app

import (
	"errors"

	"github.com/englishapp/englishctl/internal/azure"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// newSDK refuses: config.ValidateForServe has told a daemon before, but not a single command.
func newSDK(azure.Config) (pronunciation.Assessor, error) {
	return nil, errors.New("SPEECH_PROVIDER is azure-sdk, but this program was built without Microsoft's SDK (build tag azuresdk)")
}
