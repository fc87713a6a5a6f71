package activities

import (
	"context"

	"latchkey/approval"
	"latchkey/casework"
)

// resetLevels puts the levels that a credential reset needs before those of its route: the person's manager, and two
// people for a privileged account. No route takes them away; where it has no levels of ours, these are the only ones.
func (r *resolver) resetLevels(ctx context.Context, terms *casework.ResetTerms, chain *approval.Chain) error {
	if terms == nil {
		return nil
	}
	levels, err := r.desk.Policy.Current().ResetLevels(*terms, r.facts)
	if err != nil {
		return problemf(casework.Invalid, "credentials.yaml, approval: %s", err)
	}
	for _, l := range levels {
		level, err := r.level(ctx, "credentials.yaml", l)
		if err != nil {
			return err
		}
		for i, g := range level.Groups {
			if found := len(g.Approvers); found < l.Groups[i].Need {
				return problemf(casework.Invalid, "level %q needs %d approvers, and only %d of those named in credentials.yaml can be asked: name more, or mend their accounts on the desk",
					l.Name, l.Groups[i].Need, found)
			}
		}
		// Somebody may be the manager and among those two: both levels have to be answered.
		chain.Mode, chain.AllowRepeat = approval.ModeLevels, true
		chain.Levels = append(chain.Levels, level)
	}
	return nil
}
