package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/internal/app"
)

func TestBlobStores(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ name, target, folder string }{
		{"a folder as URL", "file://" + filepath.Join(dir, "url"), filepath.Join(dir, "url")},
		{"a folder as path", filepath.Join(dir, "path"), filepath.Join(dir, "path")},
		{"a folder under the working folder", "relative/data", filepath.Join(dir, "relative/data")},
		{"nothing said", "", filepath.Join(dir, "latchkey-data")},
		{"in memory", "mem://", ""},
	}
	t.Chdir(dir)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bucket, err := app.OpenBlobs(t.Context(), test.target)
			require.NoError(t, err)
			require.NoError(t, bucket.WriteAll(t.Context(), "records/FS-12/000000.json", []byte("{}"), nil))
			require.NoError(t, bucket.Close())
			if test.folder == "" {
				return
			}
			info, err := os.Stat(test.folder)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
			var files []string
			require.NoError(t, filepath.WalkDir(test.folder, func(path string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					files = append(files, path)
				}
				return err
			}))
			require.Len(t, files, 1, "nothing but the object itself")
		})
	}
	for _, target := range []string{"file://var/lib/latchkey", "file://", "nowhere://x", "s3://%zz"} {
		_, err := app.OpenBlobs(t.Context(), target)
		require.ErrorContains(t, err, "LATCHKEY_BLOB_URL", target)
	}
}
