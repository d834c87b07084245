package httpapi

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

// limiter counts requests.
type limiter interface {
	// Take takes one request off the key's budget, if there is one left. Its only error is that of ctx.
	Take(ctx context.Context, key string, r Rate) (Verdict, error)
}

// Rate is how many requests may come at once, and in how long they come back.
type Rate struct {
	Requests int
	Per      time.Duration
}

// Verdict is what a limiter says about one request. It has the fields of the limiter's own, in the same order, so that one
// converts into the other.
type Verdict struct {
	Allowed bool
	// Remaining is how many more would be allowed now.
	Remaining int
	// RetryAfter is when the next one will be allowed; 0 if one would be now.
	RetryAfter time.Duration
	// ResetAfter is when the whole budget will be back.
	ResetAfter time.Duration
}

// The names of the limits. Routes of one name share a budget.
const (
	limitLogin    = "login"
	limitGuess    = "guess" // tries at one account, beyond those that each address has; by the hour
	limitRegister = "register"
	limitForgot   = "forgot" // asking for a link, by client address
	limitReset    = "reset"  // using a link, by client address
	limitMail     = "mail"   // letters to one account; by the hour
	limitRandom   = "random"
	limitSessions = "sessions"
	limitHistory  = "history"
	limitScore    = "score"
	limitAdmin    = "admin"
	limitOther    = "other"
	// unlimited is for what signed links and the machines around the daemon ask for.
	unlimited = ""
)

// usualLimits are those of the spec ("API Rate Limits") and of its additions: by user, or by client address where there is
// no user.
var usualLimits = map[string]Rate{
	limitLogin:    {10, time.Minute},
	limitGuess:    {100, time.Hour}, // NIST SP 800-63B, section 5.2.2: no more than 100 failures at one account
	limitRegister: {5, time.Minute},
	limitForgot:   {5, time.Minute},
	limitReset:    {10, time.Minute},
	limitMail:     {5, time.Hour}, // a minute is no measure for what fills somebody's mailbox
	limitRandom:   {60, time.Minute},
	limitSessions: {60, time.Minute},
	limitHistory:  {100, time.Minute},
	limitScore:    {30, time.Minute},
	limitAdmin:    {200, time.Minute},
	limitOther:    {100, time.Minute},
}

// LimitNames returns the names that Config.RateLimits knows, in the order of the alphabet.
func LimitNames() []string { return slices.Sorted(maps.Keys(usualLimits)) }

// rates returns the rate of every limit, the usual one unless overridden.
func rates(overrides map[string]int) map[string]Rate {
	all := maps.Clone(usualLimits)
	for name, rate := range usualLimits {
		if n, ok := overrides[name]; ok {
			all[name] = Rate{n, rate.Per}
		}
	}
	return all
}

// limit takes the request off its sender's budget of the name, and says in the header what is left. denied is why the
// sender was not let in, if so: then who they say they are does not count.
func (a *API) limit(w http.ResponseWriter, r *http.Request, name string, denied error) error {
	name, sender := whoseBudget(r, name, denied)
	return a.take(w, r, name, sender)
}

// ownTries are the tries at an account that each address has for itself. Whoever is elsewhere cannot use them up, so that
// nobody is locked out of their own account while others guess at it.
var ownTries = Rate{2, time.Hour}

// limitGuesses counts a try at an account, whether there is one or not: many addresses together guess no faster than one.
func (a *API) limitGuesses(w http.ResponseWriter, r *http.Request, email string) error {
	v, rate, err := a.countGuess(r.Context(), email)
	if err != nil || v.Allowed {
		return err
	}
	tell(w.Header(), rate, v)
	return tooManyRequests(rate, v)
}

// countGuess returns the verdict on a try, and the rate that it is about.
func (a *API) countGuess(ctx context.Context, email string) (Verdict, Rate, error) {
	if a.limiter == nil {
		return Verdict{Allowed: true}, Rate{}, nil
	}
	at := "account:" + account.MailKey(email)
	own, err := a.limiter.Take(ctx, "own:"+at+":"+household(tripOf(ctx).address), ownTries)
	if err != nil {
		return Verdict{}, Rate{}, fmt.Errorf("count a login: %w", err)
	}
	if own.Allowed {
		return own, ownTries, nil
	}
	rate := a.rates[limitGuess]
	v, err := a.limiter.Take(ctx, limitGuess+":"+at, rate)
	if err != nil {
		return Verdict{}, Rate{}, fmt.Errorf("count a login: %w", err)
	}
	return v, rate, nil
}

// take takes the request off one budget of the name, and says in the header what is left of that.
func (a *API) take(w http.ResponseWriter, r *http.Request, name, sender string) error {
	if a.limiter == nil || name == unlimited {
		return nil
	}
	rate := a.rates[name]
	v, err := a.limiter.Take(r.Context(), name+":"+sender, rate)
	if err != nil {
		return fmt.Errorf("count a request: %w", err)
	}
	tell(w.Header(), rate, v)
	if v.Allowed {
		return nil
	}
	return tooManyRequests(rate, v)
}

func tooManyRequests(rate Rate, v Verdict) error {
	return &refusal{http.StatusTooManyRequests, "rate_limited", fmt.Sprintf(
		"too many requests: at most %d %s are allowed here; the next one in %d s", rate.Requests, every(rate.Per), seconds(v.RetryAfter))}
}

// whoseBudget says whose budget of which limit a request costs: its user's, or if it has none, its address's.
func whoseBudget(r *http.Request, name string, denied error) (limit, sender string) {
	t := tripOf(r.Context())
	if t.signedIn() {
		return name, "user:" + t.ids.User
	}
	switch {
	case fault.Is(denied, fault.KindUnauthorized):
		name = limitOther // the route's own is for those who may come in
	case denied != nil:
		name = unlimited // our own failure is nobody's request too many
	}
	return name, "address:" + household(t.address)
}

// The header fields of limits, spelled as net/http sends them: it would have to make each anew from another spelling.
const (
	limitHeader     = "Ratelimit-Limit"
	remainingHeader = "Ratelimit-Remaining"
	resetHeader     = "Ratelimit-Reset"
	policyHeader    = "Ratelimit-Policy"
)

// tell writes the header fields of draft-ietf-httpapi-ratelimit-headers-06. On a refusal RateLimit-Reset is the same
// moment as Retry-After (section 4 of the draft); otherwise it is when the whole budget will be back.
func tell(h http.Header, rate Rate, v Verdict) {
	reset := seconds(v.ResetAfter)
	if !v.Allowed {
		reset = seconds(v.RetryAfter)
		h.Set("Retry-After", strconv.Itoa(reset))
	}
	limit := strconv.Itoa(rate.Requests)
	values := []string{limit, strconv.Itoa(v.Remaining), strconv.Itoa(reset), limit + ";w=" + strconv.Itoa(seconds(rate.Per))}
	for i, name := range [...]string{limitHeader, remainingHeader, resetHeader, policyHeader} {
		h[name] = values[i : i+1 : i+1] // Set would make a list for each
	}
}

// every says in words how long one waits for a whole budget.
func every(d time.Duration) string {
	if d == time.Hour {
		return "an hour"
	}
	return "a minute"
}

// seconds rounds up: whoever comes back then is not too early.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
