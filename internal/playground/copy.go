package playground

// CopyPolicies copies a policy folder as Start does for its own workers: with the demo's values, no calendar that holds
// anything up, and the edits, by file name. It is for worker processes that are started beside a playground.
func CopyPolicies(from, to string, edits map[string][]Edit) error { return copyPolicies(from, to, edits) }
