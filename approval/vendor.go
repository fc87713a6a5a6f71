package approval

// Freshservice's rules, as approval_type and rule (reference/freshservice-api.md §6.1).
const (
	VendorEveryone = 1
	VendorAnyone   = 2
	VendorMajority = 3
	VendorFirst    = 4
)

// VendorRule is the Freshservice rule to open a group of n people with, so that Freshservice does not close the group
// while ours is undecided. Where no rule of theirs can promise that, it is the one least likely to, and a further group
// goes to those who have not answered (design: "if the vendor closes a group first").
//
//   - everyone, and any group of one person: Everyone. Both close at the first rejection or the last approval.
//   - anyone: Anyone. It closes at the first approval, which decides ours too, and a rejection leaves it open as it
//     leaves ours. Everyone would close at the first rejection. It closes early only when that approval is struck out,
//     such as a delegate who is banned.
//   - majority: Majority, over the same people, since those struck out are never asked.
//   - first: First responder.
//   - quorum: Everyone. It closes at the last approval, never before the n-th. It closes early at a rejection that ours
//     can bear (Group.Deny above 1).
//   - a rule we do not know: Everyone, which no single approval closes.
func VendorRule(rule Rule, n int) int {
	if n <= 1 {
		return VendorEveryone
	}
	switch rule {
	case RuleAnyone:
		return VendorAnyone
	case RuleMajority:
		return VendorMajority
	case RuleFirst:
		return VendorFirst
	case RuleEveryone, RuleQuorum:
		return VendorEveryone
	default:
		return VendorEveryone
	}
}
