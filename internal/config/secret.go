package config

import (
	"fmt"
	"log/slog"
	"strings"
)

// hidden is all that a secret ever prints.
const hidden = "[secret]"

// Secret is a credential. Whatever formats, logs or encodes it gets "[secret]"; Reveal gives the value.
type Secret struct{ value string } //nolint:recvcheck // decoding sets it, everything else reads a copy

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal gives the value, to hand it to the client that needs it.
func (s Secret) Reveal() string { return s.value }

// Set says whether there is a value.
func (s Secret) Set() bool { return s.value != "" }

// String hides the value; an empty secret prints as nothing, so that "not set" can be seen.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return hidden
}

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return "config.Secret(" + s.String() + ")" }

// Format implements fmt.Formatter, so that no verb reaches the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText implements encoding.TextMarshaler, and with it JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Decode implements envconfig.Decoder. White space around a value is no part of it: a file ends in a line end.
func (s *Secret) Decode(text string) error {
	s.value = strings.TrimSpace(text)
	return nil
}

// Secrets is a list of credentials that are good at the same time, separated by commas or line ends.
type Secrets []Secret //nolint:recvcheck // decoding sets it, everything else reads a copy

// Decode implements envconfig.Decoder.
func (s *Secrets) Decode(text string) error {
	*s = nil
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if one = strings.TrimSpace(one); one != "" {
			*s = append(*s, Secret{value: one})
		}
	}
	return nil
}

// Reveal gives the values.
func (s Secrets) Reveal() []string {
	all := make([]string, 0, len(s))
	for _, one := range s {
		all = append(all, one.value)
	}
	return all
}
