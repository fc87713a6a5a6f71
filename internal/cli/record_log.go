package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gocloud.dev/blob"

	"latchkey/contract"
)

// logNotes prints what the System Log showed of a case's changes, in the order in which Okta made them.
func (o *recordOptions) logNotes(ctx context.Context, bucket *blob.Bucket) error {
	notes := []contract.LogNote{}
	list := bucket.List(&blob.ListOptions{Prefix: contract.LogNoteFolder(contract.TicketWorkflowID(o.ticket))})
	for {
		one, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("list the notes of %s: %w", contract.TicketLabel(o.ticket), err)
		}
		if !strings.HasSuffix(one.Key, ".json") {
			continue
		}
		raw, err := bucket.ReadAll(ctx, one.Key)
		if err != nil {
			return fmt.Errorf("read %s: %w", one.Key, err)
		}
		var note contract.LogNote
		if err := json.Unmarshal(raw, &note); err != nil {
			return fmt.Errorf("decode %s: %w", one.Key, err)
		}
		notes = append(notes, note)
	}
	slices.SortFunc(notes, func(a, b contract.LogNote) int {
		return cmp.Or(a.Published.Compare(b.Published), cmp.Compare(a.UUID, b.UUID))
	})
	return writeJSON(o.Out, notes)
}
