package approval

import "slices"

// StandIn is somebody who may answer in a group in place of one person of it who is away. Of the two the first answer
// counts, so a group with stand-ins takes no more answers, and needs no more, than without.
type StandIn struct {
	Approver
	For Approver `json:"for"`
}

// People are the approvers of the group and those who stand in for them, each once.
func (g Group) People() []Approver {
	all := slices.Clone(g.Approvers)
	for _, s := range g.StandIns {
		all = append(all, s.Approver)
	}
	return distinct(all)
}

// stoodInFor gives whom a stand-in's answer is for: the first of their people who has no answer yet, else the first.
func (c *count) stoodInFor(a Approver) (Approver, bool) {
	var first *Approver
	for _, s := range c.group.StandIns {
		asked, listed := find(c.listed, s.For)
		if !listed || !s.Same(a) {
			continue
		}
		if _, taken := find(c.taken, asked); !taken {
			return asked, true
		}
		if first == nil {
			first = &asked
		}
	}
	if first == nil {
		return Approver{}, false
	}
	return *first, true
}

// waitingStandIns lists the stand-ins who may still answer: not struck out, not heard, and for one of those who wait.
func (c *count) waitingStandIns(waiting []Approver) []Approver {
	var left []Approver
	for _, s := range c.group.StandIns {
		reason, _ := c.struck(s.Approver)
		_, needed := find(waiting, s.For)
		_, listed := find(c.listed, s.Approver)
		_, spoke := find(c.voters, s.Approver)
		if reason == "" && needed && !listed && !spoke {
			left = append(left, s.Approver)
		}
	}
	return distinct(left)
}
