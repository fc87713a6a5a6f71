package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"latchkey/casework"
)

// Policy is one loaded folder. It does not change: a reload makes another one. Safe for concurrent use.
type Policy struct {
	digest      string
	files       files
	intake      intake
	offboarding OffboardingPolicy
	catalogue   catalogue
	approvals   approvals
	guards      guards
	birthright  birthright
	duties      []casework.DutyConflict
	profile     profile
	onboarding  onboarding
	mover       MoverPolicy
	sync        syncMap
	credentials credentials
	alerting    alerting
	alerts      *Alerts
	review      reviewPolicy
	desk        DeskPolicy
	times       TimesPolicy
	texts       *texts
}

// The files of a policy folder. All of them have to be there, so that a misspelt name cannot silently switch a guard
// off; a file that leaves everything at its default holds {}.
const (
	fileIntake      = "intake.yaml"
	fileOffboarding = "offboarding.yaml"
	fileCatalogue   = "catalogue.yaml"
	fileApprovals   = "approvals.yaml"
	fileGuards      = "guards.yaml"
	fileBirthright  = "birthright.yaml"
	fileDuties      = "duties.yaml"
	fileProfile     = "profile.yaml"
	fileOnboarding  = "onboarding.yaml"
	fileMover       = "mover.yaml"
	fileSync        = "sync.yaml"
	fileCredentials = "credentials.yaml"
	fileAlerts      = "alerts.yaml"
	fileReview      = "review.yaml"
	fileDesk        = "desk.yaml"
	dirTexts        = "texts"
	dirTests        = "tests"
	dirAlerts       = "alerts"
	textSuffix      = ".html.tmpl"
)

func policyFiles() []string {
	return []string{
		fileIntake, fileOffboarding, fileOnboarding, fileMover, fileProfile, fileBirthright, fileDuties, fileCatalogue,
		fileApprovals, fileGuards, fileCredentials, fileSync, fileAlerts, fileReview, fileDesk,
	}
}

// Load reads a policy folder. Whatever is wrong in any of its files comes back in one error, ordered by file and line,
// each part a *LoadError.
func Load(dir string) (*Policy, error) {
	files, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	return load(files)
}

// LoadEarlier loads a folder to compare with, such as one out of an archive. It may have been written for an earlier
// version: files that are not there count as {}, and are named. No file at all is an error.
func LoadEarlier(folder fs.FS) (p *Policy, missing []string, err error) {
	found, err := readFS(folder)
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, errors.New("the folder holds no policy: no .yaml file is in it")
	}
	filled := maps.Clone(found)
	for _, name := range policyFiles() {
		if _, there := found[name]; !there {
			filled[name], missing = []byte("{}\n"), append(missing, name)
		}
	}
	if p, err = load(filled); err != nil {
		return nil, missing, err
	}
	p.digest = found.digest()
	return p, missing, nil
}

// files are the files of a policy by their path in the folder; tests are not among them.
type files map[string][]byte

// readFolder reads what a policy is made of. It does not judge it.
func readFolder(dir string) (files, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open policy folder: %w", err)
	}
	defer root.Close()
	return readFS(root.FS())
}

func readFS(folder fs.FS) (files, error) {
	found := files{}
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && name != dirTexts && name != dirAlerts:
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" && !strings.HasPrefix(name, dirTexts+"/") {
			return nil // a README is welcome
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		found[name] = text
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read policy folder: %w", err)
	}
	return found, nil
}

// under are the files of a folder, by their whole paths.
func (f files) under(dir string) files {
	found := files{}
	for name, text := range f {
		if strings.HasPrefix(name, dir+"/") {
			found[name] = text
		}
	}
	return found
}

// digest is the SHA-256 over the names and contents, in order of the names.
func (f files) digest() string {
	names := make([]string, 0, len(f))
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range names {
		fmt.Fprintf(sum, "%s %d\n", name, len(f[name]))
		sum.Write(f[name])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func load(f files) (*Policy, error) {
	c, err := newCompiler()
	if err != nil {
		return nil, err
	}
	found := &problems{}
	for name := range f {
		if !strings.Contains(name, "/") && !slices.Contains(policyFiles(), name) {
			found.add(name, 0, 0, "is no policy file; allowed: %s", strings.Join(policyFiles(), ", "))
		}
	}
	p := &Policy{digest: f.digest(), files: f}
	for name, read := range p.readers(c) {
		text, there := f[name]
		if !there {
			found.add(name, 0, 0, "is missing; write {} into it to leave everything at its default")
			continue
		}
		if v, ok := parse(name, text, found); ok {
			read(v)
		}
	}
	p.setSyncMode()
	p.setAlertMode()
	p.setReviewMode()
	if len(found.list) == 0 {
		p.intake.checkFields(c.fields)
	}
	p.texts = loadTexts(f, found)
	if err := found.err(); err != nil {
		return nil, err
	}
	if rules := f.under(dirAlerts); len(rules) > 0 {
		if p.alerts, err = readAlerts(rules); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// readers says who reads which file into the policy.
func (p *Policy) readers(c *compiler) map[string]func(value) {
	return map[string]func(value){
		fileIntake:      func(v value) { p.intake = loadIntake(v, c) },
		fileOffboarding: func(v value) { p.offboarding = loadOffboarding(v) },
		fileCatalogue:   func(v value) { p.catalogue = loadCatalogue(v, c) },
		fileApprovals:   func(v value) { p.approvals = loadApprovals(v, c) },
		fileGuards:      func(v value) { p.guards = loadGuards(v, c) },
		fileBirthright:  func(v value) { p.birthright = loadBirthright(v, c) },
		fileDuties:      func(v value) { p.duties = loadDuties(v) },
		fileProfile:     func(v value) { p.profile = loadProfile(v, c) },
		fileOnboarding:  func(v value) { p.onboarding = loadOnboarding(v, c) },
		fileMover:       func(v value) { p.mover = loadMover(v) },
		fileCredentials: func(v value) { p.credentials = loadCredentials(v, c) },
		fileSync:        func(v value) { p.sync = loadSync(v, c) },
		fileAlerts:      func(v value) { p.alerting = loadAlerting(v, c) },
		fileReview:      func(v value) { p.review = loadReview(v, c) },
		fileDesk:        func(v value) { p.desk, p.times = loadDesk(v) },
	}
}

// Digest is the SHA-256 over the files of the policy, alert rules included, as lower-case hex. Its tests are not part of it.
func (p *Policy) Digest() string { return p.digest }

// Problems lists what is wrong in an error of Load, in order.
func Problems(err error) []*LoadError {
	parts := []error{err}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		parts = joined.Unwrap()
	}
	var list []*LoadError
	for _, part := range parts {
		if one, ok := errors.AsType[*LoadError](part); ok {
			list = append(list, one)
		}
	}
	return list
}
