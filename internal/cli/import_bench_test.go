package cli_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/cli"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/testenv"
)

// recordingBytes is the size of a recording in these benchmarks: one sentence.
const recordingBytes = 25_000

// BenchmarkImportBesideBareUpload imports 1,000 new recordings of 25 KB into PostgreSQL and MinIO, beside uploading the
// same files with minio-go and nothing else, eight at a time. Both run in turn, and the ratio of their times is what
// counts. Decoding is part of the import; how long it takes depends on the format.
func BenchmarkImportBesideBareUpload(b *testing.B) {
	for format, write := range map[string]func(b *testing.B, path string, n int){"wav": writeWAV, "mp3": writeMP3} {
		b.Run(format, func(b *testing.B) { importBesideUpload(b, format, write) })
	}
}

func importBesideUpload(b *testing.B, format string, write func(b *testing.B, path string, n int)) {
	const files = 1000
	stack := productionEnv(b)
	var ours, bare time.Duration
	for b.Loop() {
		dir := lessonsFolder(b, format, files, write)
		began := time.Now()
		run(b, stack, "import", dir, "--yes")
		ours += time.Since(began)
		began = time.Now()
		uploadAll(b, stack, dir)
		bare += time.Since(began)
	}
	b.ReportMetric(ours.Seconds()/float64(b.N), "s/import")
	b.ReportMetric(bare.Seconds()/float64(b.N), "s/upload")
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "ratio")
}

// productionEnv are the settings of PostgreSQL and MinIO, with a database and a bucket of the benchmark's own.
func productionEnv(b *testing.B) map[string]string {
	b.Helper()
	stack := map[string]string{
		"DATA_DIR": b.TempDir(), "DATABASE_URL": sqltest.PostgresURL(b), "JWT_SECRET_KEY": strings.Repeat("k", 32),
		"S3_ENDPOINT_URL": testenv.Required(b, "TEST_S3_ENDPOINT"), "S3_ACCESS_KEY": testenv.Required(b, "TEST_S3_ACCESS_KEY"),
		"S3_SECRET_KEY": testenv.Required(b, "TEST_S3_SECRET_KEY"), "S3_BUCKET_NAME": "bench-" + uuid.NewString(),
	}
	b.Cleanup(func() {
		err := minioClient(b, stack).RemoveBucketWithOptions(context.WithoutCancel(b.Context()), stack["S3_BUCKET_NAME"], minio.RemoveBucketOptions{ForceDelete: true})
		if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchBucket {
			b.Log(err)
		}
	})
	return stack
}

// run runs a command in this process and demands that it succeeds.
func run(b *testing.B, settings map[string]string, args ...string) {
	b.Helper()
	var talk bytes.Buffer
	p := cli.Program{Args: args, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &talk, Dir: b.TempDir()}
	for name, value := range settings {
		p.Environ = append(p.Environ, name+"="+value)
	}
	if code := p.Run(b.Context()); code != 0 {
		b.Fatalf("englishctl %s: exit code %d\n%s", strings.Join(args, " "), code, &talk)
	}
}

// lessonsFolder makes a folder of n recordings that nobody has imported yet, and the CSV file that names them.
func lessonsFolder(b *testing.B, format string, n int, write func(b *testing.B, path string, n int)) string {
	b.Helper()
	dir := b.TempDir()
	rows := "audio_filename,text,level,tags\n"
	seed := rand.IntN(1 << 30)
	for i := range n {
		name := fmt.Sprintf("%d.%s", i, format)
		write(b, filepath.Join(dir, name), seed+i)
		rows += fmt.Sprintf("%s,Number %d is said here.,A1,Numbers\n", name, seed+i)
	}
	if err := os.WriteFile(filepath.Join(dir, "lessons.csv"), []byte(rows), 0o600); err != nil {
		b.Fatal(err)
	}
	return dir
}

// writeWAV writes a tone of its own for each n, 16 kHz and 16 bits, 0.8 s.
func writeWAV(b *testing.B, path string, n int) {
	b.Helper()
	const rate = 16_000
	samples := make([]int16, (recordingBytes-44)/2)
	for i := range samples {
		samples[i] = int16(8000*math.Sin(2*math.Pi*float64(200+n%800)*float64(i)/rate)) + int16(n>>10)
	}
	var file bytes.Buffer
	file.WriteString("RIFF")
	_ = binary.Write(&file, binary.LittleEndian, uint32(36+2*len(samples)))
	file.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16)} {
		_ = binary.Write(&file, binary.LittleEndian, v) // a bytes.Buffer takes everything
	}
	file.WriteString("data")
	_ = binary.Write(&file, binary.LittleEndian, uint32(2*len(samples)))
	_ = binary.Write(&file, binary.LittleEndian, samples)
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
}

// writeMP3 writes 6 s of the starter pack's speech, 24 kHz and 32 kbit/s, with n in a tag before it.
func writeMP3(b *testing.B, path string, n int) {
	b.Helper()
	const frame = 96 // bytes, at 24 kHz and 32 kbit/s
	tag := make([]byte, 10+128)
	copy(tag, "ID3\x03\x00\x00\x00\x00\x01\x00")
	copy(tag[10:], fmt.Sprintf("TXXX\x00\x00\x00\x20\x00\x00\x00number %d", n))
	content := tag
	for i := 1; len(content) < recordingBytes; i++ {
		spoken, err := os.ReadFile(fmt.Sprintf("../../examples/starter-pack/audio/b1-answer-%03d.mp3", i))
		if err != nil {
			b.Fatal(err)
		}
		content = append(content, spoken[frame:]...) // without the frame that says how many there are
	}
	if err := os.WriteFile(path, content[:len(tag)+(recordingBytes-len(tag))/frame*frame], 0o600); err != nil {
		b.Fatal(err)
	}
}

func minioClient(b *testing.B, stack map[string]string) *minio.Client {
	b.Helper()
	client, err := minio.New(strings.TrimPrefix(stack["S3_ENDPOINT_URL"], "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(stack["S3_ACCESS_KEY"], stack["S3_SECRET_KEY"], ""),
	})
	if err != nil {
		b.Fatal(err)
	}
	return client
}

// uploadAll stores all files of the folder.
func uploadAll(b *testing.B, stack map[string]string, dir string) {
	b.Helper()
	client := minioClient(b, stack)
	entries, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	var group errgroup.Group
	group.SetLimit(8)
	for _, entry := range entries {
		group.Go(func() error {
			_, err := client.FPutObject(b.Context(), stack["S3_BUCKET_NAME"], "bare/"+uuid.NewString(), filepath.Join(dir, entry.Name()), minio.PutObjectOptions{})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkImportMemory imports folders of 100 and of 5,000 recordings of 25 KB, each by a process of its own, on the
// embedded default. What the larger one takes more is what is kept for each file.
func BenchmarkImportMemory(b *testing.B) {
	for b.Loop() {
		few, many := peakMemory(b, 100), peakMemory(b, 5000)
		b.ReportMetric(few, "MB/100-files")
		b.ReportMetric(many, "MB/5000-files")
		b.ReportMetric((many-few)*1000/4900, "kB/file-more")
	}
}

// peakMemory imports so many recordings and returns the largest resident size of the process in MB.
func peakMemory(b *testing.B, files int) float64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), "englishctl", "import", lessonsFolder(b, "wav", files, writeWAV), "--yes")
	cmd.Dir = b.TempDir()
	cmd.Env = []string{"DATA_DIR=" + filepath.Join(cmd.Dir, "data"), "HOME=" + cmd.Dir, "PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1000 // Linux counts in kB
}
