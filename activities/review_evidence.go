package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"gocloud.dev/blob"

	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/review"
)

// ReviewEvidence writes the evidence pack of a campaign out of its packets, the answers and what became of them. With its
// manifest it is whole and is not written again.
func (e *Engine) ReviewEvidence(ctx context.Context, in contract.ReviewEvidenceInput) (contract.ReviewEvidenceResult, error) {
	result, err := e.reviewEvidence(ctx, in)
	return result, failure(clock(e.Now), "writing the evidence of the review "+in.Campaign, err)
}

func (e *Engine) reviewEvidence(ctx context.Context, in contract.ReviewEvidenceInput) (contract.ReviewEvidenceResult, error) {
	var done evidence.ReviewManifest
	if there, err := readBlob(ctx, e.Blobs, review.ManifestKey(in.Campaign), &done); err != nil || there {
		return packed(done), err
	}
	index, err := indexOf(ctx, e.Blobs, in.Campaign)
	if err != nil {
		return contract.ReviewEvidenceResult{}, err
	}
	record := evidence.ReviewRecord{
		Campaign: index.Campaign, Title: index.Title, Policy: index.Policy, Scope: index.Scope, Previous: index.Previous,
		ReadBegun: index.ReadBegun, ReadEnded: index.ReadEnded, Assigned: index.AssignedAt, Due: index.Due, Written: clock(e.Now),
		Snapshot: in.Snapshot.Digest, Employees: in.Employees.Digest, Source: in.Employees.Source, Partial: index.Partial,
		Changed: index.Changed, People: index.People, Marks: index.Marks,
	}
	names := map[string]string{}
	for _, p := range index.Packets {
		record.Reviewers = append(record.Reviewers, evidence.ReviewerResult{Reviewer: p.Reviewer, Marks: p.Marks})
		names[p.Reviewer.ID] = p.Reviewer.Name
		if p.Escalate != nil {
			names[p.Escalate.ID] = p.Escalate.Name
		}
	}
	for one, err := range readItems[review.Person](ctx, e.Blobs, review.OrphansKey(in.Campaign)) {
		if err != nil {
			return contract.ReviewEvidenceResult{}, err
		}
		record.Orphans = append(record.Orphans, one)
	}
	pack, err := evidence.NewReviewPack(ctx, e.Blobs, record)
	if err != nil {
		return contract.ReviewEvidenceResult{}, err
	}
	defer pack.Drop()
	for item, err := range e.results(ctx, index, names) {
		if err != nil {
			return contract.ReviewEvidenceResult{}, err
		}
		if err := pack.Add(item); err != nil {
			return contract.ReviewEvidenceResult{}, err
		}
	}
	m, err := pack.End()
	return packed(m), err
}

// results walks all items of a campaign with what became of them: by reviewer in the order of their IDs, then those that
// nobody may review.
func (e *Engine) results(ctx context.Context, index review.Index, names map[string]string) iter.Seq2[evidence.ReviewItem, error] {
	return func(yield func(evidence.ReviewItem, error) bool) {
		packets := slices.Clone(index.Packets)
		slices.SortFunc(packets, func(a, b review.PacketRef) int { return cmp.Compare(a.Reviewer.ID, b.Reviewer.ID) })
		for _, p := range packets {
			end, err := e.endOf(ctx, index.Campaign, p.Reviewer.ID)
			if err == nil {
				err = beat(ctx, p.Reviewer.ID)
			}
			if err != nil {
				yield(evidence.ReviewItem{}, err)
				return
			}
			for item, err := range packetItems(ctx, e.Blobs, index.Campaign, p.Reviewer.ID) {
				row := end.row(item)
				row.ReviewerName, row.ByName = p.Reviewer.Name, names[row.By]
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
		for item, err := range readItems[review.Item](ctx, e.Blobs, review.UnassignedKey(index.Campaign)) {
			if !yield(evidence.ReviewItem{Item: item, Unassigned: true}, err) || err != nil {
				return
			}
		}
	}
}

// reviewerEnd is how one reviewer's part ended.
type reviewerEnd struct {
	answers  review.Answers
	outcomes map[string]review.Outcome
}

func (r reviewerEnd) row(item review.Item) evidence.ReviewItem {
	d := r.answers.Decisions[item.ID]
	return evidence.ReviewItem{
		Item: item, Answer: d.Answer, Reason: d.Reason, AnsweredAt: d.At.UTC(), Bulk: d.Bulk, By: r.answers.By[item.ID],
		AnsweredVia: r.answers.Via[item.ID], Outcome: r.outcomes[item.ID],
	}
}

// endOf reads the parts of a reviewer's end. None at all: nobody answered.
func (e *Engine) endOf(ctx context.Context, campaign, reviewer string) (reviewerEnd, error) {
	end := reviewerEnd{outcomes: map[string]review.Outcome{}}
	list := e.Blobs.List(&blob.ListOptions{Prefix: review.FinalFolder(campaign, reviewer)})
	for {
		one, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return end, nil
		}
		if err != nil {
			return end, fmt.Errorf("list the outcomes of a reviewer: %w", err)
		}
		var final review.Final
		if _, err := readBlob(ctx, e.Blobs, one.Key, &final); err != nil {
			return end, err
		}
		if end.answers.Decisions == nil && final.Answers != "" {
			if end.answers, err = answersOf(ctx, e.Blobs, campaign, reviewer, final.Answers); err != nil {
				return end, err
			}
		}
		for _, o := range final.Outcomes {
			end.outcomes[o.Item] = o
		}
	}
}

func packed(m evidence.ReviewManifest) contract.ReviewEvidenceResult {
	c := m.Counts
	result := contract.ReviewEvidenceResult{
		Manifest: review.ManifestKey(m.Campaign), Digest: m.Digest,
		Counts: contract.ReviewCounts{Items: c.Items, Certified: c.Certified, Revoked: c.Revoked, Gone: c.Gone, Left: c.Left, Open: c.Silent},
	}
	for _, f := range m.Files {
		result.Files = append(result.Files, review.EvidenceFolder(m.Campaign)+f.Name)
	}
	return result
}
