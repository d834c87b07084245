package httpapi

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/catalog"
)

type exportResponse struct {
	Speeches []exportedSpeechResponse `json:"speeches"`
	// LeftOut are those whose recording is somebody else's, which an import cannot take.
	LeftOut []adminSpeechResponse `json:"left_out"`
}

type exportedSpeechResponse struct {
	FileName string `json:"file_name"`
	adminSpeechResponse
}

// exportSpeeches answers all that match at once: what was exported page by page, while others write, would be nobody's
// catalogue.
func (a *API) exportSpeeches(w http.ResponseWriter, r *http.Request) error {
	q := parseQuery(r)
	wanted := q.speeches()
	if err := q.err(); err != nil {
		return err
	}
	rows, elsewhere, err := a.catalog.Export(r.Context(), wanted)
	if err != nil {
		return err
	}
	answer, err := a.exported(r, rows, elsewhere)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}

func (a *API) exported(r *http.Request, rows []catalog.Exported, elsewhere []catalog.Speech) (answer exportResponse, err error) {
	answer = exportResponse{make([]exportedSpeechResponse, len(rows)), make([]adminSpeechResponse, len(elsewhere))}
	for i, row := range rows {
		answer.Speeches[i].FileName = row.FileName
		if answer.Speeches[i].adminSpeechResponse, err = a.adminSpeech(r.Context(), row.Speech); err != nil {
			return answer, err
		}
	}
	for i, s := range elsewhere {
		if answer.LeftOut[i], err = a.adminSpeech(r.Context(), s); err != nil {
			return answer, err
		}
	}
	return answer, nil
}
