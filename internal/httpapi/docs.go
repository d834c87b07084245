package httpapi

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"
)

// docsPage is the page at /docs: ours, and Swagger UI, compressed, since that is four fifths less in the program and on the
// wire. scripts/update-docs-page brings another version of it.
//
//go:embed docspage/index.html docspage/start.js docspage/swagger-ui-bundle.js.gz docspage/swagger-ui.css.gz
var docsPage embed.FS

// docsAsset is a file of the page.
type docsAsset struct {
	file        string // in docsPage; compressed if it ends in .gz
	contentType string
}

const docsIndex = "index.html"

var docsAssets = map[string]docsAsset{
	docsIndex:              {"index.html", "text/html; charset=utf-8"},
	"start.js":             {"start.js", "text/javascript; charset=utf-8"},
	"swagger-ui-bundle.js": {"swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"},
	"swagger-ui.css":       {"swagger-ui.css.gz", "text/css; charset=utf-8"},
}

// docsPolicy lets the page run its own files and talk to this server, and nothing else. Pictures are in its style sheet.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// showDocs answers the page on which the API can be read and tried.
func (a *API) showDocs(w http.ResponseWriter, r *http.Request) error {
	return sendDocs(w, r, docsAssets[docsIndex])
}

func (a *API) showDocsAsset(w http.ResponseWriter, r *http.Request) error {
	asset, known := docsAssets[mux.Vars(r)["asset"]]
	if !known {
		return unknownPath(w, r)
	}
	return sendDocs(w, r, asset)
}

func sendDocs(w http.ResponseWriter, r *http.Request, asset docsAsset) error {
	content, err := docsPage.ReadFile("docspage/" + asset.file)
	if err != nil {
		return fmt.Errorf("read a file of the page: %w", err)
	}
	etag := etagOf(content)
	h := w.Header()
	h.Set("Content-Security-Policy", docsPolicy)
	h.Set("Cache-Control", "public, max-age=0, must-revalidate")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", etag)
	if alreadyHas(r, etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if strings.HasSuffix(asset.file, ".gz") {
		if content, err = packed(w, r, content); err != nil {
			return err
		}
	}
	h.Set("Content-Type", asset.contentType)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(content) // the caller may be gone
	return nil
}

// packed is the content as it is, for a caller that unpacks it; for others it is unpacked here. Every browser does.
func packed(w http.ResponseWriter, r *http.Request, content []byte) ([]byte, error) {
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		return content, nil
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("unpack a file of the page: %w", err)
	}
	return io.ReadAll(unpacked)
}
