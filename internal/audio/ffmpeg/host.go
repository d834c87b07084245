package ffmpeg

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// call is one Decode, as the functions see it that the module calls.
type call struct {
	data    []byte
	sink    Sink
	samples []int16 // used again for every write
	refused error   // by the sink
}

type callKey struct{}

// exportHost gives modules the two functions that they may call. A module that lies about its own memory reads and writes
// nothing.
func exportHost(ctx context.Context, runtime wazero.Runtime) error {
	const i32, i64 = api.ValueTypeI32, api.ValueTypeI64
	_, err := runtime.NewHostModuleBuilder("host").
		NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(hostRead), []api.ValueType{i64, i32, i32}, []api.ValueType{i32}).Export("read").
		NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(hostWrite), []api.ValueType{i32, i32, i32, i32}, []api.ValueType{i32}).Export("write").
		Instantiate(ctx)
	if err != nil {
		return fmt.Errorf("export the host's functions: %w", err)
	}
	return nil
}

// hostRead is read(offset, to, n): it copies at most n bytes of the file into the module, and returns how many.
func hostRead(ctx context.Context, module api.Module, stack []uint64) {
	c, _ := ctx.Value(callKey{}).(*call)
	offset, to, n := int64(stack[0]), api.DecodeU32(stack[1]), int64(api.DecodeI32(stack[2]))
	stack[0] = 0
	if c == nil || offset < 0 || offset >= int64(len(c.data)) || n <= 0 {
		return
	}
	part := c.data[offset:min(offset+n, int64(len(c.data)))]
	if module.Memory().Write(to, part) {
		stack[0] = uint64(len(part))
	}
}

// hostWrite is write(samples, n, rate, channels): it gives samples to the sink, and returns 0 if that wants more.
func hostWrite(ctx context.Context, module api.Module, stack []uint64) {
	const enough, maxSamples = 1, 1 << 16
	c, _ := ctx.Value(callKey{}).(*call)
	from, n := api.DecodeU32(stack[0]), api.DecodeU32(stack[1])
	rate, channels := int(api.DecodeI32(stack[2])), int(api.DecodeI32(stack[3]))
	stack[0] = enough
	if c == nil || c.refused != nil {
		return
	}
	var raw []byte
	ok := n <= maxSamples
	if ok {
		raw, ok = module.Memory().Read(from, 2*n)
	}
	if !ok {
		c.refused = errors.New("the decoder crashed: samples outside of its memory")
		return
	}
	c.samples = c.samples[:0]
	for at := 0; at < len(raw); at += 2 {
		c.samples = append(c.samples, int16(binary.LittleEndian.Uint16(raw[at:])))
	}
	if c.refused = c.sink(rate, channels, c.samples); c.refused == nil {
		stack[0] = 0
	}
}
