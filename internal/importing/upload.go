package importing

import (
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// UploadSession is a drawer in which one author collects recordings for one import.
type UploadSession struct {
	ID uuid.UUID
	// Author is the audit actor that made the session ("user:<id>", "cli:<os user>"); to others it does not exist.
	Author    string
	State     SessionState
	CreatedAt time.Time
	ExpiresAt time.Time
	// FileSHA256 is the hex digest of the file that is to be imported from the session, so that whoever begins that import
	// again finds what has arrived. It is empty where nobody said.
	FileSHA256 string
	// LeaseUntil is until when a run of that import is taken to be alive; no other run may use the session before.
	LeaseUntil time.Time
}

// SessionState says what may be done with an upload session.
type SessionState string

// The states of an upload session.
const (
	// SessionOpen takes files and may be imported.
	SessionOpen SessionState = "open"
	// SessionImporting is being imported.
	SessionImporting SessionState = "importing"
	// SessionUsed has been imported; it is as good as gone.
	SessionUsed SessionState = "used"
)

// UploadFile is a recording in an upload session.
type UploadFile struct {
	ID        uuid.UUID
	SessionID uuid.UUID
	// OriginalName is the name as sent, in Unicode NFC.
	OriginalName string
	// Name is the name the CSV uses: the original one, with _1, _2, … before the ending where it was taken.
	Name string
	// Key is where the bytes are: "audio/uploads/<session>/<name>", or, where the level of the speech was known, the place
	// where they can stay: "audio/<level>/<id><ext>".
	Key string
	// Size is in bytes. A file of size 0 only reserves its name: the bytes are not there, and no import sees it.
	Size int64
	// SHA256 is the hex digest of the bytes.
	SHA256 string
	// Ext is the ending that fits the content: ".mp3", ".wav" or ".m4a".
	Ext        string
	UploadedAt time.Time
	// Sound is nil where the recording was not decoded.
	Sound *Sound
}

// IncomingFile is a recording on its way in.
type IncomingFile struct {
	// Name is the file's name without any folder.
	Name string
	// Content is read once, to its end or to the size limit.
	Content io.Reader
	// Level is that of the speech that the recording is for, or empty: it decides where the bytes are put.
	Level catalog.Level
}

// Uploaded is what an upload has brought.
type Uploaded struct {
	Session UploadSession
	// Files are the files of this upload, in the order sent.
	Files []UploadFile
	// Refused are the files that UploadGood has left out, in the order sent.
	Refused []RefusedFile
}

// RefusedFile is a file that cannot be used.
type RefusedFile struct {
	// Name is the file's, as it was sent.
	Name string
	// Why is a sentence that names the file and says what is wrong with it.
	Why string
}
