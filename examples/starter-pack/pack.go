// Package starterpack carries the starter pack in the program, for a machine where there is nothing but the binary.
package starterpack

import "embed"

// Files holds lessons.csv, which says what is spoken, tags.csv, and the recordings in audio. It makes the binary 4.7 MB larger.
//
//go:embed lessons.csv tags.csv audio/*.mp3
var Files embed.FS
