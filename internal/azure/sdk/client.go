//go:build azuresdk

package sdk

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/Microsoft/cognitive-services-speech-sdk-go/audio"
	"github.com/Microsoft/cognitive-services-speech-sdk-go/common"
	"github.com/Microsoft/cognitive-services-speech-sdk-go/speech"

	"github.com/englishapp/englishctl/internal/azure"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// parametersProperty is the recogniser's property that asks for an assessment, and holds its parameters
// (PronunciationAssessment_Params in Microsoft's C++ headers, where the Go binding has no name for it).
const parametersProperty = 12010

// Client asks Azure Speech through the SDK. It implements pronunciation.Assessor and is safe for concurrent use.
type Client struct{ cfg azure.Config }

// New returns a client. It asks Azure nothing yet. Of cfg, an Endpoint without a path is taken as a host; its scheme becomes that of
// websockets.
func New(cfg azure.Config) (*Client, error) {
	if cfg.Key == "" || cfg.Region == "" && cfg.Endpoint == nil {
		return nil, errors.New("the key and the region, or the address, of Azure Speech are needed")
	}
	return &Client{cfg}, nil
}

// Provider implements pronunciation.Assessor.
func (*Client) Provider() string { return "azure-sdk" }

// Languages implements pronunciation.Assessor.
func (*Client) Languages() []string { return azure.Languages() }

// Assess implements pronunciation.Assessor. The SDK cannot break off a recognition: when ctx ends Assess returns at once, and what is
// left is let go when the SDK has answered.
func (c *Client) Assess(ctx context.Context, u pronunciation.Utterance) (pronunciation.Assessment, error) {
	if err := ctx.Err(); err != nil {
		return pronunciation.Assessment{}, err
	}
	r, err := c.recognition(u)
	if err != nil {
		r.close()
		return pronunciation.Assessment{}, &pronunciation.Failure{Reason: pronunciation.Broken, Cause: fmt.Errorf("prepare the Speech SDK: %w", err)}
	}
	type answer struct {
		assessment pronunciation.Assessment
		err        error
	}
	answers := make(chan answer, 1)
	go func() {
		defer r.close()
		a, err := r.run(u.Samples)
		answers <- answer{a, err}
	}()
	select {
	case got := <-answers:
		return got.assessment, got.err
	case <-ctx.Done():
		return pronunciation.Assessment{}, ctx.Err()
	}
}

// recognition is one call of the SDK, and all that has to be let go after it.
type recognition struct {
	recognizer *speech.SpeechRecognizer
	stream     *audio.PushAudioInputStream
	closers    []func()

	mu       sync.Mutex
	canceled error
}

// recognition prepares a call. It returns what has to be closed, whatever happens.
func (c *Client) recognition(u pronunciation.Utterance) (*recognition, error) {
	r := &recognition{}
	wanted, err := parameters(u)
	if err != nil {
		return r, err
	}
	config, err := c.speechConfig()
	if err != nil {
		return r, err
	}
	r.closers = append(r.closers, config.Close)
	err = errors.Join(config.SetSpeechRecognitionLanguage(u.Language), config.SetOutputFormat(common.Detailed), config.SetProfanity(common.Raw))
	if err != nil {
		return r, err
	}
	const bits, channels = 16, 1
	format, err := audio.GetWaveFormatPCM(pronunciation.SampleRate, bits, channels)
	if err != nil {
		return r, err
	}
	r.closers = append(r.closers, format.Close)
	if r.stream, err = audio.CreatePushAudioInputStreamFromFormat(format); err != nil {
		return r, err
	}
	r.closers = append(r.closers, r.stream.Close)
	input, err := audio.NewAudioConfigFromStreamInput(r.stream)
	if err != nil {
		return r, err
	}
	r.closers = append(r.closers, input.Close)
	if r.recognizer, err = speech.NewSpeechRecognizerFromConfig(config, input); err != nil {
		return r, err
	}
	r.closers = append(r.closers, r.recognizer.Close)
	r.recognizer.Canceled(r.noteCancellation)
	return r, r.recognizer.Properties.SetProperty(common.PropertyID(parametersProperty), wanted)
}

// speechConfig says where the resource is.
func (c *Client) speechConfig() (*speech.SpeechConfig, error) {
	if c.cfg.Endpoint == nil {
		return speech.NewSpeechConfigFromSubscription(c.cfg.Key, c.cfg.Region)
	}
	at := *c.cfg.Endpoint
	at.Scheme = map[string]string{"https": "wss", "http": "ws"}[at.Scheme]
	if strings.Trim(at.Path, "/") == "" {
		host := url.URL{Scheme: at.Scheme, Host: at.Host}
		return speech.NewSpeechConfigFromHostWithSubscription(host.String(), c.cfg.Key)
	}
	return speech.NewSpeechConfigFromEndpointWithSubscription(at.String(), c.cfg.Key)
}

func (r *recognition) noteCancellation(event speech.SpeechRecognitionCanceledEventArgs) {
	defer event.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.canceled = failure(int(event.ErrorCode), event.ErrorDetails)
}

// run sends the sound and waits for the result.
func (r *recognition) run(samples []int16) (pronunciation.Assessment, error) {
	var sound []byte
	for _, s := range samples {
		sound = binary.LittleEndian.AppendUint16(sound, uint16(s))
	}
	if err := r.stream.Write(sound); err != nil {
		return pronunciation.Assessment{}, &pronunciation.Failure{Reason: pronunciation.Broken, Cause: fmt.Errorf("give sound to the Speech SDK: %w", err)}
	}
	r.stream.CloseStream()
	outcome := <-r.recognizer.RecognizeOnceAsync()
	defer outcome.Close()
	if outcome.Error != nil {
		return pronunciation.Assessment{}, &pronunciation.Failure{Reason: pronunciation.Broken, Cause: fmt.Errorf("recognise with the Speech SDK: %w", outcome.Error)}
	}
	if outcome.Result.Reason == common.Canceled {
		return pronunciation.Assessment{}, r.cancellation()
	}
	// The result's Text is cut at 1024 bytes; the property is not.
	return azure.Decode([]byte(outcome.Result.Properties.GetProperty(common.SpeechServiceResponseJSONResult, "{}")))
}

// cancellation returns why the SDK has cancelled, which its event has told before the outcome; without one it is an outage.
func (r *recognition) cancellation() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.canceled != nil {
		return r.canceled
	}
	return failure(0, "no reason was given")
}

// close lets everything go, the last one first.
func (r *recognition) close() {
	for i := len(r.closers) - 1; i >= 0; i-- {
		r.closers[i]()
	}
}
