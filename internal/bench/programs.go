package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// programs are our own binaries, built once for a run, so that what is measured runs as it does in a cluster: each a
// process of its own.
type programs struct{ dir string }

// buildPrograms builds the worker, the starter and both simulators. The working folder is the module's.
func buildPrograms(ctx context.Context) (*programs, error) {
	dir, err := os.MkdirTemp("", "latchkey-bench-")
	if err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", dir+string(filepath.Separator), //nolint:gosec // a folder that we made
		"./worker", "./starter", "./simulators/okta", "./simulators/freshservice")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("building the programs: %w: %s", err, out), os.RemoveAll(dir))
	}
	return &programs{dir: dir}, nil
}

// Close removes the binaries.
func (p *programs) Close() error { return os.RemoveAll(p.dir) }

// child is a process of ours.
type child struct {
	name string
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of Wait, once done is closed

	mu    sync.Mutex
	words []string // the last lines it wrote
	seen  chan struct{}
}

// start starts a program by name with nothing of this process' environment but what a program needs.
func (p *programs) start(name string, env []string, args ...string) (*child, error) {
	return startChild(name, filepath.Join(p.dir, name), env, args...)
}

// startSelf starts this very program in another role (main.go).
func startSelf(role string, env []string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return startChild(role, self, append([]string{roleVariable + "=" + role}, env...))
}

func startChild(name, path string, env []string, args ...string) (*child, error) {
	c := &child{name: name, done: make(chan struct{}), seen: make(chan struct{}, 1)}
	c.cmd = exec.Command(path, args...) //nolint:noctx // our own programs; stop ends them
	c.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	out, err := c.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		c.listen(out)
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// listen keeps the last lines.
func (c *child) listen(out io.Reader) {
	const most = 40
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		c.mu.Lock()
		c.words = append(c.words, lines.Text())
		if len(c.words) > most {
			c.words = c.words[1:]
		}
		c.mu.Unlock()
		select {
		case c.seen <- struct{}{}:
		default:
		}
	}
}

// failed is why the child is no longer there.
func (c *child) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Errorf("%s ended (%w): %s", c.name, c.err, strings.Join(c.words, "\n"))
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// url waits until the child has said where it serves.
func (c *child) url(ctx context.Context) (string, error) {
	for {
		c.mu.Lock()
		found := address.FindString(strings.Join(c.words, "\n"))
		c.mu.Unlock()
		if found != "" {
			return found, nil
		}
		select {
		case <-c.seen:
		case <-c.done:
			return "", c.failed()
		case <-ctx.Done():
			return "", fmt.Errorf("waited for the address of %s: %w", c.name, context.Cause(ctx))
		}
	}
}

// stop ends the child as a deploy would, and kills it when it does not end.
func (c *child) stop() error {
	const patience = 20 * time.Second
	select {
	case <-c.done:
		return c.failed()
	default:
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-c.done:
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s did not end within %s", c.name, patience), c.cmd.Process.Kill())
	}
}

// memory is a figure of /proc/<pid>/status in MiB, such as VmRSS or VmHWM, where the system tells (Linux).
func (c *child) memory(name string) (float64, bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(raw)) {
		if rest, found := strings.CutPrefix(line, name+":"); found {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kib / 1024, err == nil
		}
	}
	return 0, false
}
