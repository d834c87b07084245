package main

import (
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
	"sigs.k8s.io/yaml"
)

// description is what Kubernetes publishes about its API: which fields an object must have, and of which kinds they are.
type description struct {
	schemas map[string]*spec.Schema // by group/version/kind
}

func readDescription(path string) (*description, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var doc spec.Swagger
	if err := json.Unmarshal(content, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d := &description{schemas: make(map[string]*spec.Schema)}
	for name := range doc.Definitions {
		schema := doc.Definitions[name]
		kinds, _ := schema.Extensions["x-kubernetes-group-version-kind"].([]any)
		for _, kind := range kinds {
			of, _ := kind.(map[string]any)
			d.schemas[fmt.Sprint(of["group"], "/", of["version"], "/", of["kind"])] = resolved(&doc, schema, nil)
		}
	}
	return d, nil
}

// check validates the object. It does not refuse fields that there are not: strict decoding does.
func (d *description) check(group, version, kind string, content []byte) error {
	schema := d.schemas[group+"/"+version+"/"+kind]
	if schema == nil {
		return fmt.Errorf("Kubernetes has no %s in %s/%s", kind, group, version)
	}
	var object any
	if err := yaml.Unmarshal(content, &object); err != nil {
		return err
	}
	return validate.NewSchemaValidator(schema, nil, "", strfmt.Default).Validate(object).AsError()
}

// resolved returns the schema with what it refers to in place. What refers to itself is left open; so are the two kinds that are
// a number or a text, which the description calls a text.
func resolved(doc *spec.Swagger, schema spec.Schema, within []string) *spec.Schema {
	if ref := schema.Ref.String(); ref != "" {
		name := ref[len("#/definitions/"):]
		for _, outer := range within {
			if outer == name {
				return &spec.Schema{}
			}
		}
		switch name {
		case "io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.api.resource.Quantity":
			return &spec.Schema{}
		}
		return resolved(doc, doc.Definitions[name], append(within[:len(within):len(within)], name))
	}
	out := schema
	out.Format, out.Properties = "", make(map[string]spec.Schema, len(schema.Properties)) // formats: int32, date-time
	for name, property := range schema.Properties {
		out.Properties[name] = *resolved(doc, property, within)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		out.Items = &spec.SchemaOrArray{Schema: resolved(doc, *schema.Items.Schema, within)}
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		out.AdditionalProperties = &spec.SchemaOrBool{Allows: true, Schema: resolved(doc, *schema.AdditionalProperties.Schema, within)}
	}
	return &out
}
