package evidence

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
)

//go:embed certificate.html
var certificate string

// HTML renders a record as a certificate: one self-contained page that loads nothing, runs nothing and prints well.
// html/template escapes every value.
func HTML(r Record) ([]byte, error) {
	page, err := template.New("certificate").Funcs(template.FuncMap{
		"when": when, "words": words, "subject": Record.subject, "approval": Unit.approval, "who": Decision.who,
		"counted": Decision.counted, "until": Kept.until, "verdict": Proof.verdict, "ownership": Left.ownership,
	}).Parse(certificate)
	if err != nil {
		return nil, fmt.Errorf("evidence: the certificate's template: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, r); err != nil {
		return nil, fmt.Errorf("evidence: the certificate of %s: %w", r.TicketLabel(), err)
	}
	return b.Bytes(), nil
}
