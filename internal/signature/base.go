package signature

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dunglas/httpsfv"
)

// message is what of a request can be signed.
type message struct {
	method string
	target target
	header http.Header
}

// target is the absolute address that a request was sent to, in parts.
type target struct{ scheme, authority, path, query string }

// newTarget takes an address apart. Scheme and host have no case, and the scheme's own port is the same as none
// (RFC 9110, section 4.2.3); path and query stay as they were written.
func newTarget(address string) (target, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return target{}, errors.New("the address of the request is not absolute")
	}
	t := target{scheme: strings.ToLower(u.Scheme), authority: strings.ToLower(u.Host), path: u.EscapedPath()}
	if port := map[string]string{"http": ":80", "https": ":443"}[t.scheme]; port != "" {
		t.authority = strings.TrimSuffix(t.authority, port)
	}
	if t.path == "" {
		t.path = "/"
	}
	if u.RawQuery != "" || u.ForceQuery {
		t.query = "?" + u.RawQuery
	}
	return t, nil
}

func (t target) String() string { return t.scheme + "://" + t.authority + t.path + t.query }

// base is what the signature is made over (RFC 9421, section 2.5): a line for each component, and one for the list of them
// with its parameters.
func base(m message, input httpsfv.InnerList) ([]byte, error) {
	var b strings.Builder
	seen := make(map[string]bool)
	for _, item := range input.Items {
		name, err := component(item)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, fmt.Errorf("covers %q twice", name)
		}
		seen[name] = true
		value, err := m.value(name)
		if err != nil {
			return nil, err
		}
		b.WriteString(`"` + name + `": ` + value + "\n")
	}
	params, err := httpsfv.Marshal(httpsfv.List{input})
	if err != nil {
		return nil, errors.New("has parameters that cannot be written again")
	}
	b.WriteString(`"@signature-params": ` + params)
	return []byte(b.String()), nil
}

// component returns the name of a component. Its parameters (;sf, ;bs, ;key and others) change what it means; nobody needs
// them here, and what is not understood must not be passed over.
func component(item httpsfv.Item) (string, error) {
	name, ok := item.Value.(string)
	if !ok {
		return "", errors.New("covers something that is no string")
	}
	if len(item.Params.Names()) > 0 {
		return "", fmt.Errorf("covers %.100q with parameters, which is not supported", name)
	}
	return name, nil
}

// value is that of a derived component (RFC 9421, section 2.2) or of a field (section 2.1).
func (m message) value(name string) (string, error) {
	switch name {
	case "@method":
		return m.method, nil
	case "@target-uri":
		return m.target.String(), nil
	case "@scheme":
		return m.target.scheme, nil
	case "@authority":
		return m.target.authority, nil
	case "@path":
		return m.target.path, nil
	case "@query":
		if m.target.query == "" {
			return "?", nil
		}
		return m.target.query, nil
	}
	if name != strings.ToLower(name) {
		return "", fmt.Errorf("covers %.100q, whose letters must be small", name)
	}
	values := m.header.Values(name)
	if len(values) == 0 {
		return "", fmt.Errorf("covers %.100q, which the request does not have", name)
	}
	lines := make([]string, len(values))
	for i, v := range values {
		lines[i] = strings.Trim(v, " \t")
	}
	return strings.Join(lines, ", "), nil
}
