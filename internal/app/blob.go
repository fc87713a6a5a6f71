package app

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/memblob" // mem://, for a trial in one process
	_ "gocloud.dev/blob/s3blob"  // s3://, for a cluster
)

// defaultFolder is where large data is kept when nothing says otherwise, under the working folder.
const defaultFolder = "latchkey-data"

// OpenBlobs opens the store of large data and evidence: a gocloud.dev/blob URL such as s3://bucket?region=eu-central-1,
// or a folder as file:///var/lib/latchkey or as a plain path. Empty is the folder latchkey-data. A folder is made if
// need be, for its owner only.
func OpenBlobs(ctx context.Context, target string) (*blob.Bucket, error) {
	if target == "" {
		target = defaultFolder
	}
	folder, ok, err := folderOf(target)
	if err != nil {
		return nil, err
	}
	if !ok {
		bucket, err := blob.OpenBucket(ctx, target)
		if err != nil {
			return nil, fmt.Errorf("app: opening the blob store (LATCHKEY_BLOB_URL): %w", err)
		}
		return bucket, nil
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return nil, fmt.Errorf("app: LATCHKEY_BLOB_URL: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("app: making the folder of LATCHKEY_BLOB_URL: %w", err)
	}
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{
		NoTempDir: true, // a rename within one file system, so that nobody sees half a record
		Metadata:  fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("app: opening the folder of LATCHKEY_BLOB_URL: %w", err)
	}
	return bucket, nil
}

// folderOf says whether the target is a folder, and which.
func folderOf(target string) (string, bool, error) {
	if !strings.Contains(target, "://") {
		return target, true, nil
	}
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return "", false, fmt.Errorf("app: LATCHKEY_BLOB_URL is no URL; write it as file:///var/lib/latchkey or s3://bucket?region=eu-central-1")
	case u.Scheme != "file":
		return "", false, nil
	case u.Host != "" && u.Host != "localhost":
		return "", false, fmt.Errorf("app: LATCHKEY_BLOB_URL names the host %q; a folder has three slashes: file:///%s%s", u.Host, u.Host, u.Path)
	case u.Path == "":
		return "", false, fmt.Errorf("app: LATCHKEY_BLOB_URL names no folder; write it as file:///var/lib/latchkey")
	}
	return u.Path, true, nil
}
