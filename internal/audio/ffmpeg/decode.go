package ffmpeg

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// ErrModule says that there is no decoder, whatever the file: see Module.Ready.
var ErrModule = errors.New("the full decoder cannot be used")

// What can be wrong with a file.
var (
	ErrBroken      = errors.New("the container cannot be read")
	ErrSoundless   = errors.New("there is no sound track")
	ErrVideo       = errors.New("there is a video track")
	ErrUnknown     = errors.New("the codec is not known")
	ErrUndecodable = errors.New("the sound cannot be decoded")
	ErrMemory      = errors.New("decoding takes too much memory")
	ErrPatience    = errors.New("decoding takes too long")
)

// Sound is what a file says about the sound in it, and what was learned by decoding it.
type Sound struct {
	Codec   string        // FFmpeg's name: "opus", "amr_nb"
	Profile int           // of the codec, in FFmpeg's numbers; -1 if not known
	Length  time.Duration // by the file's own word; 0 if it does not say
	Bytes   int           // of coded sound that was read
}

// Sink takes samples as they are decoded, mixed to one channel, each counted alike, and says whether it wants more. Rate (Hz)
// and channels are the file's; nobody has looked at them. It may keep nothing of samples.
type Sink func(rate, channels int, samples []int16) error

// Decode decodes a file and gives the sound to the sink.
//
// It returns ErrModule, one of the other errors above, that of the sink, or the context's. Anything else is a crash in the
// module. After any of them the next call works.
func (m *Module) Decode(ctx context.Context, container Container, data []byte, sink Sink) (Sound, error) {
	if err := m.Ready(); err != nil {
		return Sound{}, fmt.Errorf("%w: %w", ErrModule, err)
	}
	m.running.RLock()
	defer m.running.RUnlock()
	if m.closed {
		return Sound{}, fmt.Errorf("%w: %w", ErrModule, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return Sound{}, fmt.Errorf("decode: %w", err)
	}
	c := &call{data: data, sink: sink}
	bounded, cancel := context.WithCancel(context.WithValue(ctx, callKey{}, c))
	defer cancel()
	defer within(m.patience, cancel)()
	sound, err := m.decode(bounded, container, c)
	switch {
	case err == nil, c.refused != nil && errors.Is(err, c.refused):
		return sound, err
	case ctx.Err() != nil:
		return Sound{}, fmt.Errorf("decode: %w", ctx.Err())
	case bounded.Err() != nil:
		return Sound{}, ErrPatience
	}
	return sound, err
}

func (m *Module) decode(ctx context.Context, container Container, c *call) (Sound, error) {
	instance, err := m.instantiate(ctx)
	if err != nil {
		return Sound{}, fmt.Errorf("start the decoder: %w", firstLine(err))
	}
	defer func() { _ = instance.Close(ctx) }() // it only forgets
	answer, err := instance.ExportedFunction(entry).Call(ctx, uint64(container), uint64(len(c.data)))
	if err != nil {
		return Sound{}, fmt.Errorf("the decoder crashed: %w", firstLine(err))
	}
	status, sound, ok := readResult(instance.Memory(), api.DecodeU32(answer[0]))
	if !ok {
		return Sound{}, errors.New("the decoder crashed: its answer is outside of its memory")
	}
	return sound, c.verdict(status)
}

// instantiate makes an instance with a memory of its own, and no name, so that there can be many.
func (m *Module) instantiate(ctx context.Context) (api.Module, error) {
	return m.runtime.InstantiateModule(ctx, m.machine, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")) //nolint:wrapcheck // its callers say what it means
}

// statuses are the module's, in the order of its enum.
var statuses = []error{nil, nil, ErrBroken, ErrSoundless, ErrVideo, ErrUnknown, ErrUndecodable, ErrMemory}

// verdict is the sink's where that has stopped the decoder, and the module's otherwise.
func (c *call) verdict(status uint32) error {
	if c.refused != nil {
		return c.refused
	}
	if status >= uint32(len(statuses)) {
		return fmt.Errorf("the decoder crashed: status %d", status)
	}
	return statuses[status]
}

// readResult reads struct result of decoder.c.
func readResult(memory api.Memory, at uint32) (status uint32, s Sound, ok bool) {
	const size, text = 56, 24
	b, ok := memory.Read(at, size)
	if !ok {
		return 0, Sound{}, false
	}
	codec := b[text:size]
	for i, c := range codec {
		if c == 0 {
			codec = codec[:i]
			break
		}
	}
	s = Sound{Codec: string(codec), Profile: int(int32(binary.LittleEndian.Uint32(b[4:]))), Bytes: int(binary.LittleEndian.Uint64(b[16:]))}
	if us := int64(binary.LittleEndian.Uint64(b[8:])); us > 0 {
		s.Length = time.Duration(min(us, 1<<62/int64(time.Microsecond))) * time.Microsecond
	}
	return binary.LittleEndian.Uint32(b), s, true
}
