// Package devserver finds a Temporal to work with and starts it where it is a program: the embedded default of
// `make demo` and of the tests. Nothing but Go is needed.
package devserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	sdktemporal "go.temporal.io/sdk/temporal"
)

// Source is where a Temporal was found.
type Source string

// The sources, in the order in which they are tried.
const (
	SourceAddress  Source = "address"  // TEMPORAL_ADDRESS: a server that runs already
	SourcePath     Source = "path"     // `temporal` on PATH
	SourceBin      Source = "bin"      // bin/temporal under the project
	SourceDownload Source = "download" // the SDK's download of the `temporal` command
	SourceBuild    Source = "build"    // built from source by the Go command, once
)

// Module is the source that a Temporal is built from. Versions up to 1.5.1 can be installed by `go install`; later ones
// carry a replace directive, which it refuses.
const Module = "github.com/temporalio/cli/cmd/temporal@v1.5.1"

const (
	// probeWithin bounds the question whether the download can be had: without a network it is answered in seconds.
	probeWithin = 5 * time.Second
	// buildWithin bounds the build: several minutes with a cold cache on a small machine.
	buildWithin = 25 * time.Minute
)

// Found is a Temporal: the address of one that runs, the path of a program, or the folder the SDK downloads into.
type Found struct {
	Source  Source
	Address string
	Path    string
}

// Finder looks for a Temporal. The zero value looks under the working folder and says nothing.
type Finder struct {
	Dir string // the project: bin/ is under it; default the working folder
	Log *slog.Logger

	// The following replace the outside world in tests; nil is the real one.
	Getenv   func(string) string
	LookPath func(string) (string, error)
	Probe    func(ctx context.Context) error             // can the download be had?
	Build    func(ctx context.Context, bin string) error // builds bin/temporal
}

func (f Finder) filled() Finder {
	if f.Dir == "" {
		f.Dir = "."
	}
	if f.Log == nil {
		f.Log = slog.New(slog.DiscardHandler)
	}
	if f.Getenv == nil {
		f.Getenv = os.Getenv
	}
	if f.LookPath == nil {
		f.LookPath = exec.LookPath
	}
	if f.Probe == nil {
		f.Probe = probe
	}
	if f.Build == nil {
		f.Build = build
	}
	return f
}

// Find gives the first Temporal there is: an address given, the `temporal` on PATH, bin/temporal, the SDK's download,
// and at last a build from source.
func (f Finder) Find(ctx context.Context) (Found, error) {
	f = f.filled()
	if address := f.Getenv("TEMPORAL_ADDRESS"); address != "" {
		return Found{Source: SourceAddress, Address: address}, nil
	}
	if path, err := f.LookPath("temporal"); err == nil {
		return Found{Source: SourcePath, Path: path}, nil
	}
	bin, err := filepath.Abs(filepath.Join(f.Dir, "bin"))
	if err != nil {
		return Found{}, fmt.Errorf("devserver: %w", err)
	}
	if path := filepath.Join(bin, program("temporal")); runnable(path) {
		return Found{Source: SourceBin, Path: path}, nil
	}
	if path := filepath.Join(bin, program("temporal-cli-go-sdk-"+sdktemporal.SDKVersion)); runnable(path) {
		return Found{Source: SourceDownload, Path: path}, nil // downloaded before
	}
	f.Log.Info("no temporal here yet; asking for the download")
	if err := f.Probe(ctx); err == nil {
		return Found{Source: SourceDownload}, nil
	} else if ctx.Err() != nil {
		return Found{}, ctx.Err()
	}
	return f.built(ctx)
}

// built makes bin/temporal from source.
func (f Finder) built(ctx context.Context) (Found, error) {
	f = f.filled()
	bin, err := filepath.Abs(filepath.Join(f.Dir, "bin"))
	if err != nil {
		return Found{}, fmt.Errorf("devserver: %w", err)
	}
	f.Log.Info("the download cannot be had; building temporal from source, once; this takes some minutes", "module", Module)
	ctx, cancel := context.WithTimeout(ctx, buildWithin)
	defer cancel()
	if err := f.Build(ctx, bin); err != nil {
		return Found{}, fmt.Errorf("devserver: no Temporal found: none on PATH, none in bin/, the download cannot be had, and the build failed: %w; install the `temporal` command, or set TEMPORAL_ADDRESS to a server", err)
	}
	path := filepath.Join(bin, program("temporal"))
	if !runnable(path) {
		return Found{}, fmt.Errorf("devserver: the build left no program at bin/%s", filepath.Base(path))
	}
	return Found{Source: SourceBuild, Path: path}, nil
}

// probe asks for the description of the download, as the SDK does (go.temporal.io/sdk testsuite/devserver.go).
func probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	query := url.Values{"platform": {runtime.GOOS}, "arch": {runtime.GOARCH}, "sdk-name": {"sdk-go"}, "sdk-version": {sdktemporal.SDKVersion}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://temporal.download/cli/default?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the download answers %s", answer.Status)
	}
	var info struct {
		ArchiveURL string `json:"archiveUrl"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, answer.Body, 64<<10)).Decode(&info); err != nil {
		return err
	}
	if info.ArchiveURL == "" {
		return errors.New("the download names no archive")
	}
	return nil
}

// build installs the `temporal` command into bin with the Go command.
func build(ctx context.Context, bin string) error {
	if err := os.MkdirAll(bin, 0o750); err != nil {
		return err
	}
	install := exec.CommandContext(ctx, "go", "install", Module)
	// The module is built outside of this one, and never by a toolchain or flags that are meant for it.
	install.Dir = bin
	install.Env = append(os.Environ(), "GOBIN="+bin, "GOWORK=off", "GOFLAGS=")
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("go install %s: %w: %s", Module, err, tail(out))
	}
	return nil
}

// tail is the end of a program's output: that is where it says what went wrong.
func tail(out []byte) string {
	const most = 600
	if len(out) > most {
		out = out[len(out)-most:]
	}
	return string(out)
}

func runnable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0)
}

func program(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
