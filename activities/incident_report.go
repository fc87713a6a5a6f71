package activities

import (
	"context"
	"encoding/json"
	"fmt"

	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/contract"
)

// ReportIncident keeps the story of an incident in the blob store: as it was opened, and as it ended. In observe mode
// that is all that becomes of it.
func (d *Desk) ReportIncident(ctx context.Context, in contract.ReportIncidentInput) error {
	return d.failed(ctx, "keeping the report of an incident", d.reportIncident(ctx, in.State))
}

func (d *Desk) reportIncident(ctx context.Context, s contract.AlertState) error {
	key, ok := IncidentReportKey(s)
	if !ok {
		return problemf(casework.Invalid, "%q is no incident's key", s.Key.String())
	}
	raw, err := json.MarshalIndent(s, "", "  ") //nolint:musttag // keys of detection are written by their field names, as in histories
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	if err := d.Blobs.WriteAll(ctx, key, append(raw, '\n'), &blob.WriterOptions{ContentType: "application/json"}); err != nil {
		return problemf(casework.Unavailable, "the blob store does not take it: %v", err)
	}
	return nil
}

// IncidentReportKey is where the report of an incident lies in the blob store; false for a state that is no incident's.
func IncidentReportKey(s contract.AlertState) (string, bool) {
	folder, ok := contract.AlertFolder(contract.AlertWorkflowID(s.Key))
	if !ok {
		return "", false
	}
	part := "opened"
	if s.End != "" {
		part = "ended"
	}
	return fmt.Sprintf("%s/%d-%s.json", folder, s.Opening, part), true
}
