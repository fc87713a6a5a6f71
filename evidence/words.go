package evidence

import (
	"fmt"
	"strings"
	"time"
)

// when is how renderers write a moment: UTC, to the second.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// verdict is a proof in one word or two.
func (p Proof) verdict() string {
	if p.Proved {
		return "proved"
	}
	return "not proved"
}

// words is a verb or an outcome for people: "remove_member" is "remove member".
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// who is a decision's person, and whom it was asked of where a delegate answered.
func (d Decision) who() string {
	name := d.By
	if name == "" {
		name = d.Address
	}
	if d.For != "" && d.For != d.By {
		return name + " for " + d.For
	}
	return name
}

// counted says whether a decision counted, and why not.
func (d Decision) counted() string {
	switch {
	case d.Counted:
		return "counted"
	case d.Ignored != "":
		return "not counted: " + words(d.Ignored)
	default:
		return "not counted"
	}
}

// approval says in one sentence how a unit was approved and what its approvals name.
func (u Unit) approval() string {
	if g := u.BreakGlass; g != nil {
		text := fmt.Sprintf("Granted by policy as break-glass (%s) on %s, for at most %s, no approver. Review: %s.",
			g.AllowedBy, when(g.GrantedAt), g.For, strings.TrimSuffix(g.Review, "."))
		if u.Route != "" {
			text += " Its levels: " + u.Route + "."
		}
		return text
	}
	text := "Way of approving: " + u.ApprovedBy
	if u.Route != "" {
		text += " (" + u.Route + ")"
	}
	switch {
	case u.NamesNobody:
		text += ". It names no approver and no plan."
	case u.NamesNoPlan:
		text += ". These approvals name no plan."
	default:
		text += "."
	}
	return text
}

// ownership is a residual's owner, or the plain statement that nobody is named.
func (l Left) ownership() string {
	if l.Owner == "" {
		return "nobody is named"
	}
	return l.Owner
}

// until is the end of what is kept.
func (k Kept) until() string {
	if k.Until.IsZero() {
		return "no end set"
	}
	return "until " + when(k.Until)
}

// subject is whom the record is about, for a heading.
func (r Record) subject() string {
	switch {
	case r.Subject.Name != "" && r.Subject.Address != "":
		return fmt.Sprintf("%s (%s)", r.Subject.Name, r.Subject.Address)
	case r.Subject.Name != "":
		return r.Subject.Name
	case r.Subject.Address != "":
		return r.Subject.Address
	default:
		return r.Subject.OktaUserID
	}
}
