// Package oktasim is a stateful stand-in for an Okta org: it keeps people, groups, rules, apps, factors, sessions and a
// System Log in memory and answers the Okta Management API as the vendor does, with the vendor's statuses, codes, bodies
// and headers. Any Okta client can be pointed at it.
//
// Vendor paths live under /api/v1 and /oauth2/v1. What the vendor has no API for, such as faults, the clock or a dump of the
// whole log, lives under /admin. Facts are from reference/okta-api.md of this project; a comment names the section (§).
// Behaviour that the reference marks as unverified is listed in docs/simulators/okta.md.
//
// A Server is safe for concurrent use. One lock guards the whole state: every answer is computed in memory in
// microseconds to a few milliseconds, and nothing waits (slow answers, hook deliveries) while holding it.
package oktasim
