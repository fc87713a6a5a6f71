package devserver_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/internal/devserver"
)

func TestFindingOrder(t *testing.T) {
	t.Parallel()
	away := errors.New("no network")
	tests := []struct {
		name       string
		address    string
		onPath     bool
		files      []string
		probe      error
		buildFails bool
		want       devserver.Source
		says       string
	}{
		{name: "an address wins over everything", address: "temporal.example.com:7233", onPath: true, files: []string{"temporal"}, want: devserver.SourceAddress},
		{name: "then the command on PATH", onPath: true, files: []string{"temporal"}, want: devserver.SourcePath},
		{name: "then bin/temporal", files: []string{"temporal", "temporal-cli-go-sdk-" + sdktemporal.SDKVersion}, want: devserver.SourceBin},
		{name: "then an earlier download, without asking", files: []string{"temporal-cli-go-sdk-" + sdktemporal.SDKVersion}, probe: away, want: devserver.SourceDownload},
		{name: "then the download", want: devserver.SourceDownload},
		{name: "a file that cannot be run is none", files: []string{"-temporal"}, want: devserver.SourceDownload},
		{name: "then a build", probe: away, want: devserver.SourceBuild},
		{name: "nothing at all", probe: away, buildFails: true, says: "TEMPORAL_ADDRESS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			bin := filepath.Join(dir, "bin")
			require.NoError(t, os.MkdirAll(bin, 0o750))
			put := func(name string) error {
				mode := os.FileMode(0o755)
				if name[0] == '-' {
					name, mode = name[1:], 0o644
				}
				return os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"), mode)
			}
			for _, name := range test.files {
				require.NoError(t, put(name))
			}
			finder := devserver.Finder{
				Dir:    dir,
				Getenv: func(string) string { return test.address },
				LookPath: func(string) (string, error) {
					if test.onPath {
						return "/usr/bin/temporal", nil
					}
					return "", errors.New("not found")
				},
				Probe: func(context.Context) error { return test.probe },
				Build: func(_ context.Context, into string) error {
					if test.buildFails {
						return errors.New("no such module")
					}
					require.Equal(t, bin, into)
					return put("temporal")
				},
			}
			found, err := finder.Find(t.Context())
			if test.says != "" {
				require.ErrorContains(t, err, test.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, found.Source)
			if test.want == devserver.SourceBuild {
				again, err := finder.Find(t.Context())
				require.NoError(t, err)
				require.Equal(t, devserver.SourceBin, again.Source, "it is built once")
			}
		})
	}
}

func TestTheCommandIsLookedForOnPATH(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "temporal"), []byte("#!/bin/sh\n"), 0o755))
	t.Setenv("PATH", dir)
	t.Setenv("TEMPORAL_ADDRESS", "")
	found, err := devserver.Finder{Dir: t.TempDir()}.Find(t.Context())
	require.NoError(t, err)
	require.Equal(t, devserver.Found{Source: devserver.SourcePath, Path: filepath.Join(dir, "temporal")}, found)
}

func TestACancelledSearchBuildsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	finder := devserver.Finder{
		Dir: t.TempDir(), Getenv: func(string) string { return "" },
		LookPath: func(string) (string, error) { return "", errors.New("not found") },
		Probe: func(context.Context) error {
			cancel()
			return errors.New("cancelled")
		},
		Build: func(context.Context, string) error {
			t.Error("a cancelled search started a build")
			return nil
		},
	}
	_, err := finder.Find(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
