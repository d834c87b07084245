package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretsDoNotPrint(t *testing.T) {
	cfg := Config{Auth: Auth{JWTSecretKey: "sesame"}}
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("m", "key", cfg.Auth.JWTSecretKey, "all", cfg)

	outputs := []string{string(asJSON), logged.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		outputs = append(outputs, fmt.Sprintf(verb, cfg.Auth.JWTSecretKey), fmt.Sprintf(verb, cfg))
	}
	for _, out := range outputs {
		if strings.Contains(out, "sesame") || strings.Contains(strings.ToLower(out), fmt.Sprintf("%x", "sesame")) || !strings.Contains(out, mask) {
			t.Errorf("printed: %s", out)
		}
	}
	if cfg.Auth.JWTSecretKey.Reveal() != "sesame" || Secret("").String() != "" {
		t.Error("Reveal must give the value, and an empty secret must look empty")
	}
}
