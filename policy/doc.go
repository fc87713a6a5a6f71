// Package policy is what an organisation decides about Latchkey, as a folder of YAML with CEL expressions: which
// tickets are wanted and how they are read (intake.yaml), how a leaver leaves (offboarding.yaml), how a joiner arrives
// and a mover moves (onboarding.yaml, mover.yaml), how answers become a profile and a login (profile.yaml), what a
// person's attributes give (birthright.yaml), what nobody should hold together (duties.yaml), what can be asked for
// (catalogue.yaml), who approves (approvals.yaml), what is protected, held and kept (guards.yaml), and how the desk is
// spoken to (desk.yaml, texts/). docs/policy.md explains every key.
//
// Loading is strict: an unknown key, a wrong type, an unknown word, a bad expression or duration is refused with file,
// line, column, what was found and what is allowed. Expressions are typed, and bounded in length and cost. A policy is
// evaluated in activities only, and its answers are frozen into history with its digest.
package policy
