package cli

import (
	"fmt"
	"io"
	"strings"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// printPreview writes a preview for people.
func printPreview(w io.Writer, p contract.PreviewResult) error {
	if err := table(w, requestRows(p)); err != nil {
		return err
	}
	for _, u := range p.Plan.Units {
		if err := printUnit(w, u); err != nil {
			return err
		}
	}
	return nil
}

func requestRows(p contract.PreviewResult) [][]string {
	r := p.Request
	rows := [][]string{
		{"ticket", contract.TicketLabel(r.Ticket.Number), r.Ticket.Subject},
		{"asked by", r.Ticket.Requester.Name, r.Ticket.Requester.Email},
	}
	if r.UseCase == "" {
		return append(rows, []string{"use case", "none: no intake rule of the policy wants this ticket"})
	}
	rows = append(rows, []string{"use case", string(r.UseCase), "by rule " + r.Rule}, []string{"mode", string(r.Mode)})
	if who := p.Plan.Person; who.OktaUserID != "" {
		rows = append(rows, []string{"about", who.DisplayName(), who.Email, "Okta " + who.OktaUserID + ", " + string(who.Status)})
	} else if r.Subject != "" {
		rows = append(rows, []string{"about", r.Subject})
	}
	if r.EffectiveText != "" || !r.EffectiveAt.IsZero() {
		rows = append(rows, []string{"effective", r.EffectiveText, moment(r.EffectiveAt)})
	}
	if r.Emergency {
		rows = append(rows, []string{"emergency", "yes: what can be taken back is done at once"})
	}
	if r.EmergencyRefused != "" {
		rows = append(rows, []string{"emergency", "asked for, and not one: " + r.EmergencyRefused})
	}
	for _, m := range p.Missing {
		rows = append(rows, []string{"missing", m.Label, m.Why})
	}
	if p.Plan.End != "" {
		rows = append(rows, []string{"end", words(p.Plan.End), p.Plan.Why})
	}
	return rows
}

func printUnit(w io.Writer, u contract.Unit) error {
	fmt.Fprintf(w, "\n%s\n", clean(u.Title))
	rows := [][]string{}
	if u.End != "" {
		rows = append(rows, []string{"  end", words(u.End), u.Why})
	}
	if u.Plan.Digest != "" {
		rows = append(rows, []string{"  plan", u.Plan.Digest})
	}
	if !u.Plan.EffectiveAt.IsZero() {
		rows = append(rows, []string{"  not before", moment(u.Plan.EffectiveAt)})
	}
	rows = append(rows, chainRows(u)...)
	if err := table(w, rows); err != nil {
		return err
	}
	return printChanges(w, u.Plan)
}

// chainRows is who would be asked, level by level.
func chainRows(u contract.Unit) [][]string {
	var rows [][]string
	switch u.Chain.Mode {
	case approval.ModeLevels:
		rows = append(rows, []string{"  approval", "by levels", u.Chain.Reason})
	case approval.ModeDesk:
		rows = append(rows, []string{"  approval", "the desk's own chain", u.Chain.Reason})
	case approval.ModeStage:
		rows = append(rows, []string{"  approval", "the ticket reaches a stage", u.Chain.Reason})
	case approval.ModeNone:
		rows = append(rows, []string{"  approval", "none", u.Chain.Reason})
	}
	for i, level := range u.Chain.Levels {
		for _, g := range level.Groups {
			names := make([]string, 0, len(g.Approvers))
			for _, a := range g.Approvers {
				names = append(names, a.Label())
			}
			rule := string(g.Rule)
			if g.Rule == approval.RuleQuorum {
				rule = fmt.Sprintf("%d of %d", g.Need, len(g.Approvers))
			}
			rows = append(rows, []string{fmt.Sprintf("    level %d", i+1), level.Name, g.Name, rule, strings.Join(names, ", ")})
		}
	}
	for _, b := range u.Bans {
		rows = append(rows, []string{"    may not", b.Email, b.Why})
	}
	return rows
}

// printChanges writes the steps of a plan and what is left.
func printChanges(w io.Writer, p casework.Plan) error {
	var rows [][]string
	if len(p.Changes) > 0 {
		rows = append(rows, []string{"  #", "phase", "change", "object", "before", "after", "why"})
	}
	for i, c := range p.Changes {
		rows = append(rows, []string{fmt.Sprintf("  %d", i+1), string(c.Phase), words(c.Verb), c.Object.Label(), c.Before, c.After, c.Reason})
	}
	for _, e := range p.Effects {
		rows = append(rows, []string{"  ~", "", "goes by itself", e.Object.Label(), "", "", e.Because})
	}
	for _, k := range p.Kept {
		rows = append(rows, []string{"  =", "", "kept", k.Object.Label(), "", moment(k.Until), k.Why})
	}
	for _, r := range p.Residuals {
		rows = append(rows, []string{"  !", "", "left to " + r.Owner, r.Object.Label(), "", "", r.Why})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	for _, n := range p.Notes {
		fmt.Fprintf(w, "  %s\n", clean(n))
	}
	return nil
}
