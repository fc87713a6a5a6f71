package architecture_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// module is our own import path, and moduleDir its folder seen from this package.
const (
	module    = "latchkey"
	moduleDir = "../.."
)

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath string   `json:"ImportPath"`
	Standard   bool     `json:"Standard"`
	Imports    []string `json:"Imports"`
	Deps       []string `json:"Deps"`
	GoFiles    []string `json:"GoFiles"`
}

// room is the path of a package within the module: "clients/okta".
func (p pkg) room() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

// everything is every package that the module builds from, ours and foreign, by import path. Asked once: it costs a
// second.
var everything = sync.OnceValues(func() (map[string]pkg, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps,GoFiles", "./...")
	cmd.Dir = filepath.FromSlash(moduleDir)
	var words bytes.Buffer
	cmd.Stderr = &words
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.New("go list: " + err.Error() + "\n" + words.String())
	}
	all := map[string]pkg{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all[p.ImportPath] = p
	}
})

func packages(t *testing.T) map[string]pkg {
	t.Helper()
	all, err := everything()
	require.NoError(t, err)
	return all
}

// ours lists the packages of the module.
func ours(t *testing.T) []pkg {
	t.Helper()
	var list []pkg
	for path, p := range packages(t) {
		if isOurs(path) {
			list = append(list, p)
		}
	}
	require.Greater(t, len(list), 20, "go list found hardly any package: the test looks at nothing")
	return list
}

func isOurs(path string) bool { return within(path, module) }

// within says whether a path is a package or lies below it.
func within(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }
