package azure

import "slices"

// Languages returns the locales whose pronunciation Azure scores, over REST and with the SDK.
func Languages() []string { return slices.Clone(languages) }

// languages are those whose pronunciation Azure scores ("Language support: pronunciation assessment").
var languages = []string{
	"ar-EG", "ar-SA", "ca-ES", "da-DK", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "fi-FI", "fr-CA",
	"fr-FR", "hi-IN", "it-IT", "ja-JP", "ko-KR", "ms-MY", "nb-NO", "nl-NL", "pl-PL", "pt-BR", "pt-PT", "ru-RU", "sv-SE", "ta-IN",
	"th-TH", "vi-VN", "zh-CN", "zh-HK", "zh-TW",
}
