package adminweb

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// listSpeeches shows what the spec's model view names: id, text, level, type; searched by text, filtered by level and type,
// sorted by level and creation. The tag is an addition, to which the list of tags leads.
func (p *Panel) listSpeeches(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	wanted := catalog.SpeechQuery{
		Level: catalog.Level(q.Get("level")), Type: catalog.SentenceType(q.Get("type")), Search: q.Get("search"),
		Order: catalog.SpeechOrder(q.Get("sort")),
	}
	view := list{
		Caption: "Speeches", Empty: "No speech matches. Change the search, or create one.",
		Actions: []link{{Text: "New speech", Href: "/admin/speeches/new", Main: true}},
		Filters: []filter{
			{Name: "search", Label: "Text", Value: wanted.Search, Type: "search", Hint: "beginnings of words"},
			{Name: "level", Label: "Level", Options: choices("all", q.Get("level"), catalog.Levels)},
			{Name: "type", Label: "Type", Options: choices("all", q.Get("type"), catalog.SentenceTypes)},
		},
		Columns: []column{
			{Title: "Text"}, sortable(r, "Level", "level", "-level"), {Title: "Type"}, {Title: "Tags"},
			sortable(r, "Created", "created_at", "-created_at"), {Title: "Id"},
		},
	}
	if err := p.chooseTag(r, &wanted, &view); err != nil {
		return err
	}
	pageNumber := pageOf(r)
	speeches, total, err := p.catalog.Speeches(r.Context(), wanted, pageNumber)
	if err != nil {
		return err
	}
	for _, s := range speeches {
		path := "/admin/speeches/" + s.ID.String()
		view.Rows = append(view.Rows, []cell{
			linked(s.Text, path), text(string(s.Level)), text(string(s.Type)), {Lines: tagNames(s.Tags)}, at(s.CreatedAt),
			small(s.ID.String()),
		})
	}
	view.Pager = newPager(r, pageNumber, total, len(speeches))
	return p.render(w, r, http.StatusOK, page{Name: "list", Title: "Speeches", Section: "speeches", Data: view})
}

// chooseTag reads the tag that the list is of, if it is of one.
func (p *Panel) chooseTag(r *http.Request, wanted *catalog.SpeechQuery, view *list) error {
	raw := r.URL.Query().Get("tag")
	if raw == "" {
		return nil
	}
	tags, err := p.catalog.AllTags(r.Context())
	if err != nil {
		return err
	}
	tag, err := catalog.PickTag(tags, raw)
	if err != nil {
		return err
	}
	wanted.TagID = &tag.ID
	view.Chosen = append(view.Chosen, link{Text: "Tag: " + tag.Name, Href: with(r, "tag", "")})
	return nil
}

func tagNames(tags []catalog.TagRef) []string {
	names := make([]string, len(tags))
	for i, t := range tags {
		names[i] = t.Name
	}
	return names
}

// speechForm is a speech as its page shows it.
type speechForm struct {
	// ID is empty for a new one.
	ID     string
	Speech catalog.Speech

	Text, AudioURL   string
	Levels, Types    []option
	Tags             choiceList
	Audio            string
	Problems         problems
	LevelSet, TypeOf string
	// Check is what a check of the recording has found; nil where there was none.
	Check *check
	Past  past
}

// choiceList is what the tags of a speech are chosen from, of however many: those that it has, and those that were
// searched for.
type choiceList struct {
	Search  string
	Chosen  []catalog.Tag
	Found   []catalog.Tag
	More    int
	Nothing bool
	Problem string
}

func (p *Panel) newSpeech(w http.ResponseWriter, r *http.Request) error {
	form := speechForm{Levels: optionsOf("", catalog.Levels), Types: optionsOf(string(catalog.Answer), catalog.SentenceTypes)}
	return p.render(w, r, http.StatusOK, page{Name: "speech", Title: "New speech", Section: "speeches", Data: form})
}

func (p *Panel) createSpeech(w http.ResponseWriter, r *http.Request) error {
	in, err := readSpeech(w, r)
	if err != nil {
		return err
	}
	if in.finding {
		return p.speechAgain(w, r, http.StatusOK, in, catalog.Speech{}, nil, nil)
	}
	speech, err := p.catalog.CreateSpeech(r.Context(), catalog.NewSpeech{
		AudioURL: in.audioURL, Recording: in.recording(), Text: in.text, Level: in.level, Type: in.kind, TagIDs: in.tags,
	})
	if wrong, err := mendable(err); err != nil {
		return err
	} else if wrong != nil {
		return p.speechAgain(w, r, http.StatusBadRequest, in, catalog.Speech{}, wrong, nil)
	}
	return done(w, r, "/admin/speeches/"+speech.ID.String(), "created")
}

func (p *Panel) showSpeech(w http.ResponseWriter, r *http.Request) error {
	speech, err := p.speech(r)
	if err != nil {
		return err
	}
	return p.speechAgain(w, r, http.StatusOK, inputOf(speech), speech, nil, nil)
}

// inputOf is what the form of a speech says before anybody has changed it.
func inputOf(speech catalog.Speech) speechInput {
	in := speechInput{text: speech.Text, level: speech.Level, kind: speech.Type}
	if !speech.Stored() {
		in.audioURL = speech.Audio
	}
	for _, t := range speech.Tags {
		in.tags = append(in.tags, t.ID)
	}
	return in
}

func (p *Panel) updateSpeech(w http.ResponseWriter, r *http.Request) error {
	speech, err := p.speech(r)
	if err != nil {
		return err
	}
	in, err := readSpeech(w, r)
	if err != nil {
		return err
	}
	if in.finding {
		return p.speechAgain(w, r, http.StatusOK, in, speech, nil, nil)
	}
	change := catalog.SpeechChange{
		Recording: in.recording(), Text: &in.text, Level: &in.level, Type: &in.kind, TagIDs: &in.tags,
	}
	if in.audioURL != "" && in.file == nil {
		change.AudioURL = &in.audioURL
	}
	_, err = p.catalog.UpdateSpeech(r.Context(), speech.ID, change)
	if wrong, err := mendable(err); err != nil {
		return err
	} else if wrong != nil {
		return p.speechAgain(w, r, http.StatusBadRequest, in, speech, wrong, nil)
	}
	return done(w, r, r.URL.Path, "saved")
}

func (p *Panel) speech(r *http.Request) (catalog.Speech, error) {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return catalog.Speech{}, err
	}
	return p.catalog.Speech(r.Context(), id)
}

// speechAgain shows what was entered, with what is wrong with it. speech is the stored one, if there is one, and found what a
// check of its recording has found, if there was one.
func (p *Panel) speechAgain(w http.ResponseWriter, r *http.Request, status int, in speechInput, speech catalog.Speech, wrong problems, found *check) error {
	form := speechForm{
		Speech: speech, Check: found, Text: in.text, AudioURL: in.audioURL, Problems: wrong,
		Levels: optionsOf(string(in.level), catalog.Levels), Types: optionsOf(string(in.kind), catalog.SentenceTypes),
	}
	var err error
	if form.Tags, err = p.choices(r, in.tagSearch, in.tags); err != nil {
		return err
	}
	form.Tags.Problem = wrong["tag_ids"]
	title := "New speech"
	if speech.ID != uuid.Nil {
		title, form.ID = "Speech", speech.ID.String()
		if form.Audio, err = p.catalog.AudioURL(r.Context(), speech); err != nil {
			return err
		}
		if form.Past, err = p.pastOf(r, speech); err != nil {
			return err
		}
	}
	media := append(form.Past.audio(), form.Audio)
	return p.render(w, r, status, page{Name: "speech", Title: title, Section: "speeches", Media: media, Data: form})
}

func (p *Panel) askDeleteSpeech(w http.ResponseWriter, r *http.Request) error {
	speech, err := p.speech(r)
	if err != nil {
		return err
	}
	path := "/admin/speeches/" + speech.ID.String()
	return p.ask(w, r, "speeches", question{
		Title: "Delete this speech?", Object: speech.Text, Action: path + "/delete", Back: path, Verb: "Delete the speech",
		Goes:  []string{"It is no longer drawn for games and is in no list.", "Its tags lose it."},
		Stays: []string{"Games that were played with it keep showing its text and its recording.", "The audit log says who deleted it."},
	})
}

func (p *Panel) deleteSpeech(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return err
	}
	if err := p.catalog.DeleteSpeech(r.Context(), id); err != nil {
		return err
	}
	return done(w, r, "/admin/speeches", "deleted")
}

// question is what is asked before something is destroyed.
type question struct {
	Title, Object string
	Goes, Stays   []string
	// Action is where the answer goes, Back is where one came from, Verb is what stands on the button.
	Action, Back, Verb string
	// Impossible says why it cannot be done; then there is no button.
	Impossible string
	// MergeInto is set where a tag's speeches could be given another one.
	MergeInto string
	Problems  problems
}

func (p *Panel) ask(w http.ResponseWriter, r *http.Request, section string, q question) error {
	return p.render(w, r, http.StatusOK, page{Name: "confirm", Title: q.Title, Section: section, Data: q})
}

// maxChoices is how many tags a search shows at once.
const maxChoices = 20

// showChoices is the part of a speech's page that a search for tags changes.
func (p *Panel) showChoices(w http.ResponseWriter, r *http.Request) error {
	ids, err := parseIDs("tag", r.URL.Query()["tag"])
	if err != nil {
		return err
	}
	found, err := p.choices(r, r.URL.Query().Get("tag_search"), ids)
	if err != nil {
		return err
	}
	return p.renderPart(w, r, http.StatusOK, page{Name: "speech", Data: found}, "choices")
}

// choices finds the tags that were chosen, and those whose name contains what is searched for.
func (p *Panel) choices(r *http.Request, search string, chosen []uuid.UUID) (choiceList, error) {
	list := choiceList{Search: search}
	if search == "" && len(chosen) == 0 {
		return list, nil
	}
	tags, err := p.catalog.AllTags(r.Context())
	if err != nil {
		return list, err
	}
	is := make(map[uuid.UUID]bool, len(chosen))
	for _, id := range chosen {
		is[id] = true
	}
	for _, t := range tags {
		if is[t.ID] {
			list.Chosen = append(list.Chosen, t)
		}
	}
	if search == "" {
		return list, nil
	}
	for _, t := range (catalog.TagFilter{Search: search}).Choose(tags) {
		switch {
		case is[t.ID]:
		case len(list.Found) < maxChoices:
			list.Found = append(list.Found, t)
		default:
			list.More++
		}
	}
	list.Nothing = len(list.Found) == 0
	return list, nil
}

func parseIDs(field string, texts []string) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, 0, len(texts))
	for _, s := range texts {
		id, err := uuid.Parse(s)
		if err != nil {
			return nil, fault.Invalid(field, "%q is not an id", catalog.Shown(s))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// speechesOf is the list of the speeches that have a tag.
func speechesOf(tag uuid.UUID) string {
	return "/admin/speeches?" + url.Values{"tag": {tag.String()}}.Encode()
}
