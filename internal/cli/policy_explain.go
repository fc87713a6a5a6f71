package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/identity"
	"latchkey/internal/config"
	"latchkey/policy"
)

// explainWithin bounds the reads at Okta: somebody waits at a terminal.
const explainWithin = time.Minute

// policyExplainOptions is `starter policy explain`.
type policyExplainOptions struct {
	*Factory
	dir         string
	person      string
	entitlement string
	json        bool
}

func newPolicyExplain(f *Factory) *cobra.Command {
	o := &policyExplainOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "explain [DIR] --person ADDRESS --entitlement NAME",
		Short: "Say which rules and origins give one person an entitlement, or withhold it",
		Long: `Reads the person's account and access from Okta (OKTA_… as for a worker) and the policy
folder, and changes nothing. NAME is a key, a name or another word of the catalogue, or
group:NAME or app:NAME as Okta calls it. Exit code 3: nobody has that address.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.dir, err = policyDir(args); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.person, "person", "", "e-mail address or login of the person")
	cmd.Flags().StringVar(&o.entitlement, "entitlement", "", "what is asked about: NAME, group:NAME or app:NAME")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// explained is what `policy explain` says of one entitlement.
type explained struct {
	Person      string         `json:"person"`
	OktaUserID  string         `json:"okta_user_id"`
	Entitlement string         `json:"entitlement"`
	Held        bool           `json:"held"`
	Origin      string         `json:"origin,omitempty"`
	Via         []string       `json:"via,omitempty"`
	Birthright  bool           `json:"birthright"`
	Rules       []explainedRow `json:"rules,omitempty"`
	Items       []string       `json:"catalogue,omitempty"`
	Protected   string         `json:"protected,omitempty"`
	Duties      []string       `json:"duties,omitempty"`
	Moving      string         `json:"moving,omitempty"`
	MovingWhy   string         `json:"moving_why,omitempty"`
	Notes       []string       `json:"notes,omitempty"`
}

type explainedRow struct {
	Rule    string `json:"rule"`
	Gives   bool   `json:"gives"`
	When    string `json:"when"`
	Reason  string `json:"reason"`
	Problem string `json:"problem,omitempty"`
}

func (o *policyExplainOptions) run(ctx context.Context) error {
	if o.person == "" || o.entitlement == "" {
		return usage("say about whom and what: --person ADDRESS --entitlement NAME")
	}
	p, err := policy.Load(o.dir)
	if err != nil {
		return err
	}
	settings, err := config.LoadOkta()
	if err != nil {
		return err
	}
	client, err := okta.New(settings.Client())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, explainWithin)
	defer cancel()
	found, err := client.FindUsersByEmail(ctx, o.person)
	if err != nil {
		return err
	}
	switch len(found) {
	case 0:
		return exit(NotFound, "nobody in Okta has the address %s", o.person)
	case 1:
	default:
		return exit(NotFound, "%d accounts in Okta have the address %s; name the login of one", len(found), o.person)
	}
	access, notes, err := activities.AccessOf(ctx, client, found[0].ID)
	if err != nil {
		return err
	}
	wanted, err := o.wanted(p, access)
	if err != nil {
		return err
	}
	var all []explained
	for _, e := range wanted {
		one := explainOne(p, access, e)
		one.Notes = notes
		all = append(all, one)
	}
	if o.json {
		return writeJSON(o.Out, all)
	}
	for i, one := range all {
		if i > 0 {
			fmt.Fprintln(o.Out)
		}
		if err := table(o.Out, one.rows()); err != nil {
			return err
		}
	}
	return nil
}

// wanted finds what is asked about, in what policy knows and in what the person holds.
func (o *policyExplainOptions) wanted(p *policy.Policy, access identity.Access) ([]identity.Entitlement, error) {
	for _, kind := range []identity.Kind{identity.KindGroup, identity.KindApp} {
		if name, is := strings.CutPrefix(o.entitlement, string(kind)+":"); is {
			return []identity.Entitlement{{Kind: kind, Name: strings.TrimSpace(name)}}, nil
		}
	}
	list := p.Known(o.entitlement)
	for _, g := range slices.Concat(access.Groups, access.Apps) {
		e := identity.Entitlement{Kind: g.Entitlement.Kind, Name: g.Entitlement.Name}
		known := slices.ContainsFunc(list, func(k identity.Entitlement) bool {
			return k.Kind == e.Kind && strings.EqualFold(k.Name, e.Name)
		})
		if strings.EqualFold(e.Name, strings.TrimSpace(o.entitlement)) && !known {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil, exit(NotFound, "neither policy nor what %s holds knows %q; say group:%s or app:%s if Okta calls it so",
			o.person, o.entitlement, o.entitlement, o.entitlement)
	}
	return list, nil
}

func explainOne(p *policy.Policy, access identity.Access, e identity.Entitlement) explained {
	grant := identity.Grant{Entitlement: e}
	out := explained{Person: access.Person.DisplayName(), OktaUserID: access.Person.OktaUserID}
	for _, g := range slices.Concat(access.Groups, access.Apps) {
		same := g.Entitlement.ID == e.ID
		if e.ID == "" {
			same = strings.EqualFold(g.Entitlement.Name, e.Name)
		}
		if g.Entitlement.Kind == e.Kind && same {
			grant, out.Held, out.Origin = g, true, string(g.Origin)
			for _, via := range g.Via {
				out.Via = append(out.Via, via.Name)
			}
			break
		}
	}
	x := p.Explain(policy.PersonFacts{Person: access.Person}, grant)
	out.Entitlement, out.Birthright = x.Entitlement.Label(), x.Given()
	for _, r := range x.Birthright {
		out.Rules = append(out.Rules, explainedRow{Rule: r.Name, Gives: r.Gives, When: r.When, Reason: r.Reason, Problem: r.Problem})
	}
	for _, i := range x.Items {
		word := i.Key + ", risk " + i.Risk
		if !i.Requestable {
			word += ", never by a request"
		}
		out.Items = append(out.Items, word)
	}
	if x.Protected.Why != "" {
		out.Protected = x.Protected.Why + " (" + x.Protected.Who + ")"
	}
	for _, d := range x.Duties {
		out.Duties = append(out.Duties, d.Name+": "+d.One.Label()+" and "+d.Other.Label()+", "+string(d.Effect))
	}
	if !out.Birthright {
		out.Moving, out.MovingWhy = string(x.Beyond), x.BeyondWhy
	}
	return out
}

// rows are the explanation as people read it.
func (e explained) rows() [][]string {
	rows := [][]string{{e.Person, e.Entitlement}}
	held := "no"
	if e.Held {
		held = "yes, " + originWords(identity.Origin(e.Origin))
		if len(e.Via) > 0 {
			held += ": " + strings.Join(e.Via, ", ")
		}
	}
	rows = append(rows, []string{"held", held})
	if len(e.Rules) == 0 {
		rows = append(rows, []string{"birthright", "no rule names it"})
	}
	for _, r := range e.Rules {
		word := "does not give it"
		switch {
		case r.Problem != "":
			word = "cannot be evaluated: " + r.Problem
		case r.Gives:
			word = "gives it: " + r.Reason
		}
		rows = append(rows, []string{"birthright", "rule " + r.Rule + " (" + r.When + ") " + word})
	}
	for _, i := range e.Items {
		rows = append(rows, []string{"catalogue", i})
	}
	if e.Protected != "" {
		rows = append(rows, []string{"protected", e.Protected})
	}
	for _, d := range e.Duties {
		rows = append(rows, []string{"duties", d})
	}
	if e.Moving != "" {
		rows = append(rows, []string{"when moving", movingWords(casework.Disposition(e.Moving)) + ": " + e.MovingWhy})
	}
	for _, n := range e.Notes {
		rows = append(rows, []string{"note", n})
	}
	return rows
}

func originWords(o identity.Origin) string {
	switch o {
	case identity.OriginDirect:
		return "given by name"
	case identity.OriginGroup:
		return "through a group"
	case identity.OriginBoth:
		return "given by name and through a group"
	case identity.OriginGroupRule:
		return "by a group rule of Okta"
	case identity.OriginGroupPush:
		return "by name, in a group that is pushed to an app"
	case identity.OriginImported:
		return "imported"
	case identity.OriginBuiltIn:
		return "built in"
	}
	return string(o)
}

func movingWords(d casework.Disposition) string {
	switch d {
	case casework.DispositionKeep:
		return "it would be kept"
	case casework.DispositionRevoke:
		return "it would be revoked"
	case casework.DispositionAsk:
		return "its removal would be planned and marked for the approvers"
	}
	return string(d)
}
