package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

// client calls the daemon's API with the token it has been given.
type client struct {
	base  string
	token string
}

// waitUntilReady returns once /readyz answers 200, or an error after the given time.
func (c *client) waitUntilReady(ctx context.Context, atMost time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if res, err := c.get(ctx, c.base+"/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the daemon at %s is not ready after %s", c.base, atMost)
		case <-tick.C:
		}
	}
}

// call sends body as JSON, expects the given status and decodes the answer into out. header may add or replace headers.
func (c *client) call(ctx context.Context, method, path string, want int, body, out any, header ...string) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	status, answer, err := c.send(req)
	if err != nil {
		return err
	}
	if status != want {
		return fmt.Errorf("%s %s answered %d, expected %d: %s", method, path, status, want, answer)
	}
	return json.Unmarshal(answer, out)
}

// upload sends a form with one file and a text field, and returns the answer with its status.
func (c *client) upload(ctx context.Context, path, fileField string, file []byte, field, value string) (status int, answer []byte, err error) {
	var content bytes.Buffer
	form := multipart.NewWriter(&content)
	part, err := form.CreateFormFile(fileField, "recording")
	if err != nil {
		return 0, nil, err
	}
	_, _ = part.Write(file) // into memory
	if err := errors.Join(form.WriteField(field, value), form.Close()); err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/api/v1"+path, &content)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return c.send(req)
}

// send sends a request with the token, and returns the whole answer.
func (c *client) send(req *http.Request) (status int, answer []byte, err error) {
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// download fetches a signed link without any token, as an audio player would, and returns the bytes and their type.
func (c *client) download(ctx context.Context, link string) ([]byte, string, error) {
	res, err := c.get(ctx, link)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = res.Body.Close() }()
	audio, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, "", err
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("the audio link answered %d: %s", res.StatusCode, audio)
	}
	return audio, res.Header.Get("Content-Type"), nil
}

func (c *client) get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}
