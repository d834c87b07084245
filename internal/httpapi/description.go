package httpapi

import (
	"bytes"
	_ "embed" // for the description
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

// descriptionYAML describes every endpoint, for people who read and for programs that generate clients.
//
//go:embed openapi.yaml
var descriptionYAML []byte

// description is the description as it is served.
type description struct {
	body json.RawMessage
	etag string
}

// loadDescription turns the YAML into JSON once, when somebody asks: most processes never are.
var loadDescription = sync.OnceValues(func() (description, error) {
	body, err := yamlToJSON(descriptionYAML)
	if err != nil {
		return description{}, fmt.Errorf("read openapi.yaml: %w", err)
	}
	return description{body, etagOf(body)}, nil
})

// showDescription answers the description in OpenAPI 3.0.3. It says nothing that is not in the manual, so everybody may have it.
func (a *API) showDescription(w http.ResponseWriter, r *http.Request) error {
	d, err := loadDescription()
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=0, must-revalidate")
	w.Header().Set("ETag", d.etag)
	if alreadyHas(r, d.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, d.body)
}

// yamlToJSON keeps the order of members, which people read and generators write their code in.
func yamlToJSON(text []byte) (json.RawMessage, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := writeNode(&out, &doc); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func writeNode(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.DocumentNode:
		return writeNode(out, n.Content[0])
	case yaml.MappingNode:
		return writeSequence(out, '{', '}', members(n))
	case yaml.SequenceNode:
		return writeSequence(out, '[', ']', list(n.Content, func(item *yaml.Node) []*yaml.Node { return []*yaml.Node{item} }))
	default:
		return writeScalar(out, n)
	}
}

// members are the keys and values of a mapping.
func members(n *yaml.Node) [][]*yaml.Node { return slices.Collect(slices.Chunk(n.Content, 2)) }

// writeSequence writes the items of a list, or the members of an object: each is a value, or a key and a value.
func writeSequence(out *bytes.Buffer, open, end byte, items [][]*yaml.Node) error {
	out.WriteByte(open)
	for i, item := range items {
		if i > 0 {
			out.WriteByte(',')
		}
		for j, n := range item {
			if j > 0 {
				out.WriteByte(':')
			}
			if err := writeNode(out, n); err != nil {
				return err
			}
		}
	}
	out.WriteByte(end)
	return nil
}

// writeScalar writes a text as a text, also one that looks like a time: JSON has none.
func writeScalar(out *bytes.Buffer, n *yaml.Node) error {
	var value any = n.Value
	if n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!bool" || n.Tag == "!!null" {
		if err := n.Decode(&value); err != nil {
			return err
		}
	}
	encoded, err := encode(value)
	out.Write(bytes.TrimSpace(encoded))
	return err
}
