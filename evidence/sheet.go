package evidence

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
)

// Sheet renders rows of text for a spreadsheet. A cell that a spreadsheet would run as a formula is preceded by an
// apostrophe.
func Sheet(head []string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(head); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	for _, row := range rows {
		cells := slices.Clone(row)
		for i := range cells {
			cells[i] = inert(cells[i])
		}
		if err := w.Write(cells); err != nil {
			return nil, fmt.Errorf("evidence: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
