package activities

import (
	"context"
	"fmt"
	"slices"

	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/contract"
)

// finish writes the manifest: from now on the snapshot does not change.
func (s *snapshot) finish(ctx context.Context) (contract.SnapshotRef, error) {
	p := s.place
	m := snapManifest{Begun: p.Begun, Ended: s.okta.now(), Calls: p.Calls, Content: snapContent{
		Campaign: p.Campaign, Users: p.Users, Groups: p.Groups, Apps: p.Apps, Grants: p.Grants, Partial: p.Partial, Changed: p.Changed,
	}}
	for i := range p.Sections {
		section, err := readSection(ctx, s.okta.Blobs, p.Campaign, i)
		if err != nil {
			return p.ref(), err
		}
		m.Content.Sections = append(m.Content.Sections, section)
	}
	var err error
	if m.Digest, err = contentDigest(m.Content); err != nil {
		return p.ref(), err
	}
	return m.ref(), writeBlob(ctx, s.okta.Blobs, manifestKey(p.Campaign), m)
}

func readSection(ctx context.Context, bucket *blob.Bucket, campaign string, n int) (snapSection, error) {
	var section snapSection
	key := sectionKey(campaign, n)
	there, err := readBlob(ctx, bucket, key, &section)
	if err == nil && !there {
		err = problemf(casework.Invalid, "%s is not in the blob store any more: somebody removed a file of a campaign that runs. Abort the campaign and start it again", key)
	}
	return section, err
}

// loadSection reads a list that was read before, whole: lists of groups and applications are short.
func loadSection[T any](ctx context.Context, o *Okta, p snapPlace, name string) ([]T, error) {
	for i := range p.Sections {
		section, err := readSection(ctx, o.Blobs, p.Campaign, i)
		if err != nil {
			return nil, err
		}
		if section.Name == name {
			return loadParts[T](ctx, o.Blobs, section)
		}
	}
	return nil, fmt.Errorf("the snapshot of %s has no list of %s", p.Campaign, name)
}

// loadParts reads the parts of a list. What Okta listed twice, because the list changed while it was read, is there
// twice.
func loadParts[T any](ctx context.Context, bucket *blob.Bucket, section snapSection) ([]T, error) {
	list := make([]T, 0, section.lines())
	for _, part := range section.Parts {
		for item, err := range readItems[T](ctx, bucket, part.Key) {
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
	}
	return list, nil
}

// find is the list of a name; false where it was not read.
func (c snapContent) find(name string) (snapSection, bool) {
	i := slices.IndexFunc(c.Sections, func(s snapSection) bool { return s.Name == name })
	if i < 0 {
		return snapSection{}, false
	}
	return c.Sections[i], true
}

// left is how many calls are still to be made at least, as far as is known.
func (s *snapshot) left() int {
	switch s.place.Stage {
	case stageUsers, stageRules, stageGroups, stageManifest:
	case stageMembers:
		return len(s.groups) - s.place.At
	case stageApps:
		return 1
	case stagePushes, stageAppUsers:
		return len(s.apps) - s.place.At
	}
	return 0
}
