package httpapi

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/fault"
)

// pathID returns the id in the path. One that is no UUID is fault.NotFound: there is no such thing either
// (decisions.md, "HTTP in general").
func pathID(r *http.Request, name, thing string) (uuid.UUID, error) {
	text := mux.Vars(r)[name]
	id, ok := parseID(text)
	if !ok {
		return id, fault.NotFound("there is no %s with the id %s", thing, quoted(text))
	}
	return id, nil
}
