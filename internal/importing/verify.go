package importing

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// verify looks at the whole of a file whose beginning could also be a video's, and returns its content once more.
// A file over the size limit is passed on: whoever reads it says so.
func (s *Service) verify(ctx context.Context, name, ext string, content io.Reader) (io.Reader, error) {
	if ext != ".m4a" || s.cfg.Verify == nil {
		return content, nil
	}
	whole, err := io.ReadAll(io.LimitReader(content, MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the recording %q: %w", name, err)
	}
	if len(whole) > MaxFileBytes {
		return io.MultiReader(bytes.NewReader(whole), content), nil
	}
	if err := s.cfg.Verify(ctx, whole); err != nil {
		return nil, fault.Invalid("files", "'%s' cannot be used: %s", catalog.Shown(name), err).WithCode("unsupported_audio")
	}
	return bytes.NewReader(whole), nil
}
