package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/memblob"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/internal/app"
	"latchkey/internal/devserver"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"starter": main})
}

// TestOffline runs every script that needs no Temporal.
func TestOffline(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", Cmds: commands(), RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1") // nobody answers there
			return policies(e)
		},
	})
}

// TestOnline runs every script that speaks to a Temporal, with a worker whose desk knows no ticket but one it cannot read
// now.
func TestOnline(t *testing.T) {
	server, err := devserver.Start(t.Context(), devserver.Options{Finder: devserver.Finder{Dir: ".."}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.URL.Path, "/tickets/4713") { // this one keeps its case waiting
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"code":"resource_not_found","message":"Resource not found"}`))
	}))
	t.Cleanup(vendor.Close)
	a, err := app.New(t.Context(), app.Options{
		Okta:         okta.Config{OrgURL: vendor.URL, Token: "t", AllowPlainHTTP: true},
		Freshservice: freshservice.Config{BaseURL: vendor.URL, APIKey: "k", AllowPlainHTTP: true},
		PolicyDir:    "../policy/testdata/good", Temporal: server.Client, Blobs: memblob.OpenBucket(nil),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, a.Close())
	})
	t.Run("scripts", func(t *testing.T) { // the parallel scripts end before the worker does
		testscript.Run(t, testscript.Params{
			Dir: "testdata/online", Cmds: commands(), RequireExplicitExec: true, RequireUniqueNames: true,
			Setup: func(e *testscript.Env) error {
				e.Setenv("TEMPORAL_ADDRESS", server.Address)
				e.Setenv("VENDOR", vendor.URL)
				return policies(e)
			},
		})
	})
}

// policies tells the scripts where a policy is that loads.
func policies(e *testscript.Env) error {
	good, err := filepath.Abs("../policy/testdata/good")
	e.Setenv("GOOD_POLICY", good)
	return err
}

// commands are what scripts can do beside testscript's own.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		// exits CODE PROGRAM ARGS... runs a program and wants this exit code.
		"exits": func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) < 2 {
				ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
			}
			want, err := strconv.Atoi(args[0])
			ts.Check(err)
			got := 0
			var failed *exec.ExitError
			switch err := ts.Exec(args[1], args[2:]...); {
			case errors.As(err, &failed):
				got = failed.ExitCode()
			default:
				ts.Check(err)
			}
			if got != want {
				ts.Fatalf("exit code %d, want %d", got, want)
			}
		},
	}
}
