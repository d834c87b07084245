package config

// kind is a type of value: how it is written, and what is allowed.
type kind[T any] struct {
	name    string // shown after the flag: "int", "url"
	allowed string // completes "allowed: …"
	parse   func(text string) (value T, ok bool)
}

// binding ties a kind to the field of Config where its value goes.
type binding struct {
	kind    string
	allowed string
	set     func(c *Config, text string) (ok bool)
}

func into[T any](k kind[T], field func(*Config) *T) binding {
	return binding{kind: k.name, allowed: k.allowed, set: func(c *Config, text string) bool {
		value, ok := k.parse(text)
		if ok {
			*field(c) = value
		}
		return ok
	}}
}
