package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

type continueRequest struct {
	FileSHA256 field[string] `json:"file_sha256"`
}

func (in continueRequest) digest(c *fault.Check) string {
	return required(c, "file_sha256", in.FileSHA256)
}

type sessionOfImportResponse struct {
	UploadSessionID uuid.UUID             `json:"upload_session_id"`
	ExpiresAt       time.Time             `json:"expires_at"`
	UploadedFiles   []arrivedFileResponse `json:"uploaded_files"`
}

type arrivedFileResponse struct {
	Filename  string `json:"filename"`
	SizeBytes int64  `json:"size_bytes"`
	SHA256    string `json:"sha256"`
}

func newArrivedFile(f importing.UploadFile) arrivedFileResponse {
	return arrivedFileResponse{f.Name, f.Size, f.SHA256}
}

// continueImport finds the upload session of an earlier run of the same import, or opens one.
func (a *API) continueImport(w http.ResponseWriter, r *http.Request) error {
	digest, err := decode(w, r, continueRequest.digest)
	if err != nil {
		return err
	}
	session, arrived, err := a.imports.Continue(r.Context(), digest)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, sessionOfImportResponse{session.ID, session.ExpiresAt.UTC(), list(arrived, newArrivedFile)})
}

// uploadSession returns the id in the path. One that is no UUID is nobody's session.
func uploadSession(r *http.Request) (uuid.UUID, error) {
	return pathID(r, "upload_session_id", "upload session")
}

func (a *API) releaseImport(w http.ResponseWriter, r *http.Request) error {
	id, err := uploadSession(r)
	if err != nil {
		return err
	}
	return done(w, a.imports.Release(r.Context(), id))
}

func (a *API) discardImport(w http.ResponseWriter, r *http.Request) error {
	id, err := uploadSession(r)
	if err != nil {
		return err
	}
	return done(w, a.imports.Discard(r.Context(), id))
}
