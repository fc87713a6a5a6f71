package testkit

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs are built once for a test binary.
var programs struct {
	once sync.Once
	dir  string
	err  error
	out  []byte
}

// Program starts one of our real binaries ("worker" or "starter") as a process of its own, with nothing of this
// process' environment but what a program needs to run, and kills it when the test ends.
func Program(t *testing.T, name string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	programs.once.Do(func() {
		programs.dir, programs.err = os.MkdirTemp("", "latchkey-bin-") //nolint:usetesting // it outlives this test: Main removes it
		if programs.err != nil {
			return
		}
		build := exec.CommandContext(context.Background(), "go", "build", "-o", programs.dir, "./worker", "./starter") //nolint:gosec // our own programs
		build.Dir = root()
		programs.out, programs.err = build.CombinedOutput()
	})
	require.NoError(t, programs.err, "%s", programs.out)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(programs.dir, name), args...) //nolint:gosec // our own programs; Cleanup kills it
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LATCHKEY_LOG_LEVEL=error"}, env...)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have been killed already
		_ = cmd.Wait()
	})
	return cmd
}
