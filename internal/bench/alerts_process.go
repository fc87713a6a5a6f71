package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"latchkey/internal/playground"
)

// startOkta starts the simulator as a process of its own, with no limits and an API token, and says where it is.
func startOkta(ctx context.Context, dir, token string) (url string, stop func() error, err error) {
	var lc net.ListenConfig
	free, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "okta"), "--listen", address, "--token", token, "--seed", "acme", "--limits", "off") //nolint:gosec // our own program
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	url = "http://" + address
	err = poll(ctx, "the simulator", func() (bool, error) {
		_, err := admin(ctx, http.MethodGet, url+"/admin/state", nil)
		return err == nil, nil
	})
	return url, func() error { return end(cmd) }, err
}

// startWorker starts a worker as a process of its own, with every role, on the playground's desk and Temporal and
// another Okta. It reads half a day and more of the log.
func startWorker(ctx context.Context, p *playground.Playground, dir, okta string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "worker"), "--listen", "off") //nolint:gosec // our own program
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LATCHKEY_LOG_LEVEL=error"}, p.ProcessEnv()...)
	cmd.Env = append(cmd.Env, "OKTA_ORG_URL="+okta, "LATCHKEY_ALERTS_LOOK_BACK=14h")
	cmd.Stderr = os.Stderr
	return cmd, cmd.Start()
}

// end ends a process of ours.
func end(cmd *exec.Cmd) error {
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	_ = cmd.Wait() // it says that it was killed
	return nil
}

// admin calls the simulator's own surface.
func admin(ctx context.Context, method, url string, body any) ([]byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s: %s", url, answer.Status, text)
	}
	return text, err
}

func postEvents(ctx context.Context, okta string, batch []json.RawMessage) error {
	_, err := admin(ctx, http.MethodPost, okta+"/admin/log", batch)
	return err
}

// logCalls is how often the log was asked for.
func logCalls(ctx context.Context, okta string) (int, error) {
	raw, err := admin(ctx, http.MethodGet, okta+"/admin/counters", nil)
	if err != nil {
		return 0, err
	}
	var list []struct {
		Path  string `json:"path"`
		Calls int    `json:"calls"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return 0, err
	}
	for _, c := range list {
		if c.Path == "/logs" {
			return c.Calls, nil
		}
	}
	return 0, nil
}

// deskTickets is how many tickets were filed on the desk.
func deskTickets(p *playground.Playground) int {
	for _, r := range p.Desk.Requests() {
		if strings.EqualFold(r.Route, "POST /tickets") {
			return r.Count
		}
	}
	return 0
}
