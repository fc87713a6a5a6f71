package oktasim

// Endpoints lists every endpoint of the simulator as "METHOD /pattern", for the contract test's coverage.
func Endpoints() []string {
	var out []string
	for _, r := range routeTable() {
		out = append(out, r.method+" "+r.pattern)
	}
	return out
}
