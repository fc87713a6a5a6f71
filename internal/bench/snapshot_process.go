package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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

// snapBuild builds the programs that are measured as processes of their own. The working folder is the module's.
func snapBuild(ctx context.Context, dir string) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", dir+string(filepath.Separator), "./worker", "./simulators/okta") //nolint:gosec // our own programs
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the programs: %w: %s", err, out)
	}
	return nil
}

// snapSecret is a credential for one run.
func snapSecret() string { return rand.Text() }

// snapProcess is one of our programs on its own.
type snapProcess struct {
	cmd  *exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	words []string // what it wrote, the first lines
	said  chan struct{}
}

func snapStart(program string, env []string, args ...string) (*snapProcess, error) {
	p := &snapProcess{done: make(chan struct{}), said: make(chan struct{}, 1)}
	p.cmd = exec.Command(program, args...) //nolint:noctx // stop ends it
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(program)}, env...)
	out, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(program), err)
	}
	go func() {
		const most = 50
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.mu.Lock()
			if len(p.words) < most {
				p.words = append(p.words, lines.Text())
			}
			p.mu.Unlock()
			select {
			case p.said <- struct{}{}:
			default:
			}
		}
		_ = p.cmd.Wait() // alive says that it ended
		close(p.done)
	}()
	return p, nil
}

var snapAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// address waits until the process has said where it serves.
func (p *snapProcess) address(ctx context.Context) (string, error) {
	for {
		p.mu.Lock()
		found := snapAddress.FindString(strings.Join(p.words, "\n"))
		p.mu.Unlock()
		if found != "" {
			return found, nil
		}
		select {
		case <-p.said:
		case <-p.done:
			return "", p.alive()
		case <-ctx.Done():
			return "", fmt.Errorf("waited for an address: %w", context.Cause(ctx))
		}
	}
}

// alive is an error once the process has ended.
func (p *snapProcess) alive() error {
	select {
	case <-p.done:
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Errorf("%s ended by itself: %s", filepath.Base(p.cmd.Path), strings.Join(p.words, "\n"))
}

// stop ends the process as a deploy would, and kills it when it does not end.
func (p *snapProcess) stop() error {
	const patience = 20 * time.Second
	if err := p.alive(); err != nil {
		return err
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s did not end within %s", filepath.Base(p.cmd.Path), patience), p.cmd.Process.Kill())
	}
}

// memory is a figure of /proc/<pid>/status in MiB, where the system tells (Linux).
func (p *snapProcess) memory(name string) (float64, bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
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
