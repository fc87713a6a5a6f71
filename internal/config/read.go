package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/kelseyhightower/envconfig"
)

// fileMost bounds a secret's file in bytes; an RSA key in PEM has about 3 KiB.
const fileMost = 64 << 10

// read fills a struct of settings. envconfig stops at the first value it cannot use, so every field is read on its
// own: one look shows everything that is wrong.
func read(into any, found *problems) {
	fields := reflect.ValueOf(into).Elem()
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		if field.Anonymous || field.Tag.Get("envconfig") == "" {
			continue
		}
		one := reflect.New(reflect.StructOf([]reflect.StructField{field}))
		if err := envconfig.Process("", one.Interface()); err != nil {
			found.add(field.Tag.Get("envconfig"), "%s", unusable(err))
			continue
		}
		value := one.Elem().Field(0)
		if decoder, ok := reflect.TypeAssert[envconfig.Decoder](value.Addr()); ok {
			fromFile(field.Tag.Get("envconfig"), decoder, found)
		}
		fields.Field(i).Set(value)
	}
}

// fromFile reads a secret from the file that <NAME>_FILE names.
func fromFile(name string, into envconfig.Decoder, found *problems) {
	path := os.Getenv(name + "_FILE")
	if path == "" {
		return
	}
	if os.Getenv(name) != "" {
		found.add(name, "is set, and %s_FILE too: set one of them", name)
		return
	}
	text, err := readSecret(path)
	if err != nil {
		found.add(name+"_FILE", "%v", err)
		return
	}
	if err := into.Decode(text); err != nil {
		found.add(name+"_FILE", "its content cannot be used")
	}
}

func readSecret(path string) (string, error) {
	info, err := os.Stat(path) //nolint:gosec // the operator names the file
	switch {
	case err != nil:
		return "", fmt.Errorf("cannot be read: %w", err)
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder, not a file", path)
	case info.Size() > fileMost:
		return "", fmt.Errorf("%s has more than %d bytes: that is no secret", path, fileMost)
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	if len(text) == 0 {
		return "", fmt.Errorf("%s is empty", path)
	}
	return string(text), nil
}

// unusable says what a value should have been. Only values of plain types fail, and none of those is a secret.
func unusable(err error) string {
	var parse *envconfig.ParseError
	if !errors.As(err, &parse) {
		return err.Error()
	}
	want := map[string]string{
		"bool": "true or false", "time.Duration": `a duration such as "30s" or "5m"`,
		"int": "a whole number", "int64": "a whole number", "float64": "a number",
	}[parse.TypeName]
	if want == "" {
		want = parse.TypeName
	}
	return fmt.Sprintf("%q is not %s", parse.Value, want)
}
