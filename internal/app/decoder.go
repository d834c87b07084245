package app

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/audio/ffmpeg"
	"github.com/englishapp/englishctl/internal/config"
)

// decoder is the audio decoder that the settings name.
type decoder struct {
	audio.Decoder
	module *ffmpeg.Module // nil: built in alone
}

// openDecoder returns the full decoder where AUDIO_DECODER_WASM names its module, and otherwise the built-in one. The module is
// looked at and not compiled: many commands never need it.
func openDecoder(cfg *config.Config) (decoder, error) {
	if cfg.Speech.AudioDecoderWASM == "" {
		return decoder{Decoder: audio.BuiltIn{}}, nil
	}
	module, err := ffmpeg.Open(cfg.Speech.AudioDecoderWASM, decoderCache(cfg))
	if err != nil {
		return decoder{}, decoderSetting(err)
	}
	return decoder{Decoder: audio.Full{FFmpeg: audio.FFmpeg{Module: module}}, module: module}, nil
}

// decoderSetting names the setting in an error about the module.
func decoderSetting(err error) error { return fmt.Errorf("AUDIO_DECODER_WASM: %w", err) }

// decoderCache is the folder for the compiled module; nowhere where there is no DATA_DIR, which is not made for its sake.
func decoderCache(cfg *config.Config) string {
	if info, err := os.Stat(cfg.DataDir); err != nil || !info.IsDir() {
		return ""
	}
	return filepath.Join(cfg.DataDir, "cache", "decoder")
}

// prepare compiles the module, which takes about a second the first time.
func (d decoder) prepare() (took time.Duration, err error) {
	began := time.Now()
	if err := d.module.Ready(); err != nil {
		return 0, decoderSetting(err)
	}
	return time.Since(began), nil
}

// Close frees the module once the last call has returned.
func (d decoder) Close() error {
	if d.module == nil {
		return nil
	}
	return d.module.Close()
}
