package seeding

import (
	"io/fs"
	"time"

	"github.com/google/uuid"
)

// Service fills a database. It is safe for concurrent use.
type Service struct {
	db       Store
	objects  objects
	accounts accounts
	// files is the starter pack.
	files fs.FS
	now   func() time.Time
	newID func() uuid.UUID
	// rowsAtOnce is how many rows of a kind a transaction writes: few enough for others to get their turn, and for memory.
	rowsAtOnce map[Kind]int
}

// New returns the service. starterPack holds lessons.csv and the folder audio with the recordings that it names, all MP3; it
// is read when something is made.
func New(db Store, objects objects, accounts accounts, starterPack fs.FS) *Service {
	return &Service{
		db: db, objects: objects, accounts: accounts, files: starterPack,
		now:   time.Now,
		newID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },

		rowsAtOnce: map[Kind]int{Speeches: 5000, Users: 5000, Sessions: 500}, // a game has about twelve rows of results
	}
}
