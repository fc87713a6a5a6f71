package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// ErrReviewPack is returned for an evidence pack that is not what was written.
var ErrReviewPack = errors.New("the evidence pack is not what was written")

// VerifyReviewPack checks an evidence pack in a folder, without a network: that every file of the manifest is there with
// its SHA-256, that nothing else is there, and that the campaign digest comes out of the items again. Who holds the digest
// from elsewhere (the campaign's ticket, its workflow's result) passes it as want, for a manifest can be written anew by
// whoever can write the files; empty compares with the manifest alone. All that is wrong is in the error.
func VerifyReviewPack(folder fs.FS, want string) (ReviewManifest, error) {
	var m ReviewManifest
	raw, err := fs.ReadFile(folder, reviewManifest)
	if err != nil {
		return m, fmt.Errorf("%w: it has no %s", ErrReviewPack, reviewManifest)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("%w: its %s cannot be read: %w", ErrReviewPack, reviewManifest, err)
	}
	if m.Version != reviewPackVersion {
		return m, errUnknownPack
	}
	wrong := checkFiles(folder, m)
	switch digest, err := packDigest(folder, m); {
	case err != nil:
		wrong = append(wrong, err.Error())
	case digest != m.Digest:
		wrong = append(wrong, "its items give the digest "+digest+", and its manifest says "+m.Digest)
	}
	if want != "" && !strings.EqualFold(want, m.Digest) {
		wrong = append(wrong, "its digest is "+m.Digest+", and "+want+" was expected")
	}
	if len(wrong) > 0 {
		return m, fmt.Errorf("%w: %s", ErrReviewPack, strings.Join(wrong, "; "))
	}
	return m, nil
}

// checkFiles compares the files with the manifest.
func checkFiles(folder fs.FS, m ReviewManifest) (wrong []string) {
	known := []string{reviewManifest}
	for _, f := range m.Files {
		known = append(known, f.Name)
		if !fs.ValidPath(f.Name) || strings.Contains(f.Name, "/") {
			wrong = append(wrong, fmt.Sprintf("its manifest names %q, which is no file of a pack", f.Name))
			continue
		}
		switch sum, err := sumOf(folder, f.Name); {
		case err != nil:
			wrong = append(wrong, f.Name+" is missing or cannot be read")
		case sum != f.SHA256:
			wrong = append(wrong, f.Name+" was changed")
		}
	}
	for _, name := range []string{reviewItemsJSON, reviewItemsCSV, reviewOrphansCSV, reviewRecordJSON, reviewReportHTML} {
		if !slices.Contains(known, name) {
			wrong = append(wrong, "its manifest does not name "+name)
		}
	}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return append(wrong, "its folder cannot be listed")
	}
	for _, e := range entries {
		if !slices.Contains(known, e.Name()) {
			wrong = append(wrong, e.Name()+" is no part of it")
		}
	}
	return wrong
}

func sumOf(folder fs.FS, name string) (string, error) {
	f, err := folder.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// packDigest works the digest out of the pack's own items, one after the other.
func packDigest(folder fs.FS, m ReviewManifest) (string, error) {
	raw, err := fs.ReadFile(folder, reviewRecordJSON)
	if err != nil {
		return "", fmt.Errorf("%s is missing", reviewRecordJSON)
	}
	var record ReviewRecord
	if err := json.Unmarshal(raw, &record); err != nil {
		return "", fmt.Errorf("%s cannot be read", reviewRecordJSON)
	}
	f, err := folder.Open(reviewItemsJSON)
	if err != nil {
		return "", fmt.Errorf("%s is missing", reviewItemsJSON)
	}
	defer f.Close()
	d, digest := json.NewDecoder(f), newReviewDigest(m.Campaign)
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return "", fmt.Errorf("%s is no list", reviewItemsJSON)
	}
	for d.More() {
		var r ReviewItem
		if err := d.Decode(&r); err != nil {
			return "", fmt.Errorf("%s cannot be read", reviewItemsJSON)
		}
		if err := digest.item(r); err != nil {
			return "", err
		}
	}
	if t, err := d.Token(); err != nil || t != json.Delim(']') {
		return "", fmt.Errorf("%s ends early", reviewItemsJSON)
	}
	return digest.end(record.Orphans, record.Partial)
}
