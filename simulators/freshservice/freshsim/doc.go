// Package freshsim is a stateful Freshservice: REST API v2, service catalogue, approvals, onboarding, a Workflow
// Automator that fires webhooks, and a small desk for people.
//
// It is held to the vendor's recorded behaviour (statuses, bodies, headers, field sets per view, limits), not to the
// convenience of the client it serves; the comment on each fact names its source as "reference §n", the section of
// our Freshservice fact page. Where sources disagree the choice is listed in docs/simulators/freshservice.md.
//
// Vendor paths live under /api/v2. Our own surface lives beside them: /admin for tests (faults, clock, rules,
// decisions, logs) and /desk for people. Neither /admin nor /desk asks for a credential: bind them to a test network.
//
// All state sits behind one mutex; a handler runs, and its answer is encoded, while it is held. Time is handed in and
// can be advanced, so a retry after seventeen minutes is a test of milliseconds.
package freshsim
