package app

import (
	"fmt"
	"path/filepath"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/offline"
)

// modelDir is where an acoustic model is installed.
func modelDir(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "model") }

// findModel returns the folder of the acoustic model: that of OFFLINE_MODEL_DIR, or else DATA_DIR/model, or else the system's. It is
// empty where there is none and none was asked for; a model that was asked for has to be there.
func findModel(cfg *config.Config, system string) (string, error) {
	if dir := cfg.Speech.OfflineModelDir; dir != "" {
		if offline.Find(dir) == "" {
			return "", fmt.Errorf("OFFLINE_MODEL_DIR is %s, which has no acoustic model in it: the folder of Debian's pocketsphinx-en-us has, %s", dir, system)
		}
		return dir, nil
	}
	dir := offline.Find(modelDir(cfg), system)
	if dir == "" && cfg.Speech.Provider == config.SpeechOffline {
		return "", fmt.Errorf("SPEECH_PROVIDER is offline, but there is no acoustic model in %s or %s: install Debian's package "+
			"pocketsphinx-en-us, or give its file or folder to \"englishctl model install\"", modelDir(cfg), system)
	}
	return dir, nil
}

// InstallModel copies an acoustic model from a folder or a Debian package to where the daemon finds it, and returns that place.
func InstallModel(cfg *config.Config, from string) (offline.Installed, error) {
	return offline.Install(from, modelDir(cfg))
}
