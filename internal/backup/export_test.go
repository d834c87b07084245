package backup

// Encode is how a manifest is written, with its checksum.
func Encode(m Manifest) ([]byte, error) { return m.encode() }
