package identitytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Of the app that Graph knows.
const (
	AppID     = "1234567890"
	AppSecret = "graph-secret-3f1c"
)

// Graph is a stand-in for Facebook's Graph API. It fails the test where the app's token or the proof of a call is wrong,
// and where somebody asks who holds a token before asking whether it is one of the app. It is safe for concurrent use.
type Graph struct {
	// URL is the address of the API, with a version.
	URL string

	tb     testing.TB
	server *httptest.Server

	mu        sync.Mutex
	tokens    map[string]AccessToken
	inspected map[string]bool
	breakdown map[string]http.HandlerFunc
}

// AccessToken is what Facebook knows of a token.
type AccessToken struct {
	// Debug is the data of /debug_token. Error answers instead with status 400 and the error's code, where it is not 0.
	Debug map[string]any
	Error int
	// Me is the profile that /me answers with; nil: error 190.
	Me map[string]any
}

// NewGraph starts the API.
func NewGraph(tb testing.TB) *Graph {
	tb.Helper()
	g := &Graph{tb: tb, tokens: map[string]AccessToken{}, inspected: map[string]bool{}, breakdown: map[string]http.HandlerFunc{}}
	g.server = httptest.NewServer(g)
	tb.Cleanup(g.Stop)
	g.URL = g.server.URL + "/v25.0"
	return g
}

// Stop makes the API unreachable.
func (g *Graph) Stop() {
	g.server.CloseClientConnections()
	g.server.Close()
}

// Give makes a token known.
func (g *Graph) Give(token string, t AccessToken) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tokens[token] = t
}

// GiveUser makes a good token of a user known, with the profile beside the id.
func (g *Graph) GiveUser(token, user string, profile map[string]any) {
	me := map[string]any{"id": user}
	for name, value := range profile {
		me[name] = value
	}
	g.Give(token, AccessToken{Debug: GoodDebug(user), Me: me})
}

// GoodDebug is what /debug_token says of a good token.
func GoodDebug(user string) map[string]any {
	return map[string]any{
		"app_id": AppID, "type": "USER", "application": "English", "is_valid": true, "user_id": user,
		"expires_at": 0, "data_access_expires_at": 4102444800, "scopes": []string{"email", "public_profile"},
	}
}

// Break makes a path answer differently; nil mends it.
func (g *Graph) Break(path string, how http.HandlerFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.breakdown[path] = how
}

// ServeHTTP answers as the Graph API does.
func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	checkRequest(g.tb, r)
	path, versioned := strings.CutPrefix(r.URL.Path, "/v25.0")
	if !versioned {
		http.NotFound(w, r)
		return
	}
	g.mu.Lock()
	breakdown := g.breakdown[path]
	g.mu.Unlock()
	switch {
	case breakdown != nil:
		breakdown(w, r)
	case path == "/debug_token":
		g.debugToken(w, r)
	case path == "/me":
		g.me(w, r)
	default:
		g.tb.Errorf("the Graph API was asked for %s", r.URL.Path)
		http.NotFound(w, r)
	}
}

func (g *Graph) debugToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if len(q) != 2 || q.Get("access_token") != AppID+"|"+AppSecret {
		g.tb.Errorf("/debug_token takes input_token and the app's own token; got %v", q)
		graphError(w, 190)
		return
	}
	token := q.Get("input_token")
	g.mu.Lock()
	t, known := g.tokens[token]
	g.inspected[token] = true
	g.mu.Unlock()
	switch {
	case t.Error != 0:
		graphError(w, t.Error)
	case !known:
		writeJSON(w, http.StatusOK, map[string]any{"data": map[string]any{
			"is_valid": false, "scopes": []string{}, "error": map[string]any{"code": 190, "message": "Invalid OAuth access token: " + token},
		}})
	default:
		writeJSON(w, http.StatusOK, map[string]any{"data": t.Debug})
	}
}

func (g *Graph) me(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	token := q.Get("access_token")
	mac := hmac.New(sha256.New, []byte(AppSecret))
	mac.Write([]byte(token))
	if len(q) != 3 || q.Get("fields") != "id,name,email,picture" || q.Get("appsecret_proof") != hex.EncodeToString(mac.Sum(nil)) {
		g.tb.Errorf("/me takes fields, access_token and its proof; got %v", q)
		graphError(w, 100)
		return
	}
	g.mu.Lock()
	t, inspected := g.tokens[token], g.inspected[token]
	g.mu.Unlock()
	if !inspected || t.Debug["app_id"] != AppID {
		g.tb.Error("/me was asked for a token that is not known to be one of this app")
	}
	if t.Me == nil {
		graphError(w, 190)
		return
	}
	writeJSON(w, http.StatusOK, t.Me)
}

func graphError(w http.ResponseWriter, code int) {
	writeJSON(w, http.StatusBadRequest, map[string]any{
		"error": map[string]any{"message": "no", "type": "OAuthException", "code": code, "fbtrace_id": "A1"},
	})
}
