package activities

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

const (
	reportsPrefix = "sync/reports/"
	// reportTime is how a walk's folder is named: when it started, in UTC.
	reportTime = "20060102T150405Z"
)

// pruneReports removes the reports of walks that started longer ago than policy keeps them. What is no report of ours is
// left alone, and so is the walk that prunes. It is housekeeping: what cannot be removed today is removed by the next walk.
func (o *Okta) pruneReports(ctx context.Context, keep time.Duration, own time.Time) {
	removed, err := o.prune(ctx, o.now().Add(-keep), own)
	switch {
	case err != nil:
		logger(o.Log).WarnContext(ctx, "old reports of the profile sync could not be removed; the next walk tries again", "removed", removed, "error", err.Error())
	case removed > 0:
		logger(o.Log).InfoContext(ctx, "old reports of the profile sync were removed", "files", removed)
	}
}

func (o *Okta) prune(ctx context.Context, before, own time.Time) (removed int, err error) {
	folders := o.Blobs.List(&blob.ListOptions{Prefix: reportsPrefix, Delimiter: "/"})
	for {
		folder, err := folders.Next(ctx)
		if errors.Is(err, io.EOF) {
			return removed, nil
		}
		if err != nil {
			return removed, err
		}
		started, wrong := time.Parse(reportTime, path.Base(strings.TrimSuffix(folder.Key, "/")))
		if wrong != nil || !folder.IsDir || !started.Before(before) || folder.Key == reportFolder(own)+"/" {
			continue
		}
		n, err := o.removeFolder(ctx, folder.Key)
		if removed += n; err != nil {
			return removed, err
		}
	}
}

// removeFolder removes what lies in a folder. Two workers may do so at once: what is gone already is gone.
func (o *Okta) removeFolder(ctx context.Context, folder string) (removed int, err error) {
	files := o.Blobs.List(&blob.ListOptions{Prefix: folder})
	var keys []string // listed whole first: a listing under which files vanish may fail
	for {
		file, err := files.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return removed, err
		}
		keys = append(keys, file.Key)
	}
	for _, key := range keys {
		if err := o.Blobs.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return removed, err
		}
		removed++
		if err := beat(ctx); err != nil {
			return removed, err
		}
	}
	return removed, nil
}
