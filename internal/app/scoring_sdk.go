//go:build azuresdk

package app

import (
	"github.com/englishapp/englishctl/internal/azure"
	"github.com/englishapp/englishctl/internal/azure/sdk"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

func newSDK(cfg azure.Config) (pronunciation.Assessor, error) { return sdk.New(cfg) }
