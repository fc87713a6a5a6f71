package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"latchkey/policy"
)

// policyAgainst loads the policy that a folder is compared with: another folder where there is one of that name, else
// the folder as it was at a revision of git. It names the files that were not there then.
func policyAgainst(ctx context.Context, dir, against string) (p *policy.Policy, missing []string, err error) {
	if info, err := os.Stat(against); err == nil && info.IsDir() {
		return policy.LoadEarlier(os.DirFS(against))
	}
	if strings.HasPrefix(against, "-") {
		return nil, nil, usage("%q is neither a folder nor a revision of git", against)
	}
	archive, err := archived(ctx, dir, against)
	if err != nil {
		return nil, nil, err
	}
	folder, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, nil, fmt.Errorf("git's archive of %s at %s: %w", dir, against, err)
	}
	return policy.LoadEarlier(folder)
}

// archived has git pack a folder as it was at a revision. Nothing is checked out.
func archived(ctx context.Context, dir, revision string) ([]byte, error) {
	git := exec.CommandContext(ctx, "git", "-C", dir, "archive", "--format=zip", revision) // no shell, and no option: a leading hyphen was refused
	var words bytes.Buffer
	git.Stderr = &words
	archive, err := git.Output()
	switch _, failed := errors.AsType[*exec.ExitError](err); {
	case err == nil:
		return archive, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return nil, exit(NotFound, "there is no folder %s, and git is not installed here to look for a revision of that name", revision)
	case failed:
		said, _, _ := strings.Cut(strings.TrimSpace(words.String()), "\n")
		return nil, exit(NotFound, "there is no folder %s, and git has no revision of that name with %s in it: %s", revision, dir, clean(said))
	default:
		return nil, fmt.Errorf("git archive: %w", err)
	}
}
