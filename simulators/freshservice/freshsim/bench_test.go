package freshsim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
)

// crowd is an account of n people and as many tickets, met without a network.
func crowd(tb testing.TB, n int) *freshsim.Server {
	tb.Helper()
	company := &acme.Company{Name: "Crowd", Domain: "crowd.example", Departments: []acme.Department{{Name: "D"}}, Locations: []acme.Location{{Name: "L", TimeZone: "Europe/London", DeskTimeZone: "London"}}}
	for i := range n {
		company.People = append(company.People, acme.Person{
			EmployeeNumber: fmt.Sprint(i), FirstName: fmt.Sprintf("First%05d", (i*7919)%n), LastName: "Last", UserType: acme.UserTypeEmployee,
			Email: fmt.Sprintf("p%d@crowd.example", i), Department: "D", Location: "L", Status: "ACTIVE",
		})
	}
	sim, err := freshsim.New(freshsim.Options{APIKey: apiKey, Seed: company, Now: monday})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(sim.Close)
	if err := sim.Populate(n); err != nil {
		tb.Fatal(err)
	}
	return sim
}

func call(tb testing.TB, sim *freshsim.Server, path string) *httptest.ResponseRecorder {
	tb.Helper()
	req := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "/api/v2"+path, nil)
	req.SetBasicAuth(apiKey, "X")
	w := httptest.NewRecorder()
	sim.Handler().ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		tb.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w
}

// BenchmarkPages measures one page of each list among 20,000 people and 20,000 tickets.
func BenchmarkPages(b *testing.B) {
	sim := crowd(b, 20_000)
	for name, path := range map[string]string{
		"requesters first page": "/requesters?per_page=100",
		"requesters last page":  "/requesters?per_page=100&page=200",
		"requesters by email":   "/requesters?email=p777@crowd.example",
		"requesters query":      "/requesters?query=" + url.QueryEscape(`"primary_email:'p777@crowd.example'"`),
		"tickets first page":    "/tickets?per_page=100",
		"tickets filter":        "/tickets/filter?query=" + url.QueryEscape(`"tag:'t777' AND status:2"`),
		"ticket":                "/tickets/777?include=stats,requester,tags",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				call(b, sim, path)
			}
		})
	}
}
