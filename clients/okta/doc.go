// Package okta is one vendor's HTTP in Go types: the calls that Latchkey
// makes to Okta's Management API, built on okta-sdk-golang/v2.
//
// It knows no domain and decides nothing. It makes one HTTP call per method
// (a list that says "all" makes one per page), never retries, and ends every
// failure as an [*Error] whose [Kind] alone says what may be done about it.
// Every answer with rate-limit headers is reported as [RateFacts]; a gate may
// refuse a call before it is made (see [Config.Admit]).
//
// The SDK signs API-token calls, encodes bodies and builds requests. Below it
// sits our own transport, because the SDK hides what we need: it turns every
// answer that is not a success into an [*Error] before the SDK sees it, so
// that none of the SDK's own handling (its retry of 429 and of io.EOF, its
// reading of WWW-Authenticate, its refusal of bodies that are not JSON) ever
// runs. Its response cache is off and every one of its settings is set, so
// neither ~/.okta/okta.yaml nor OKTA_* variables reach it.
//
// The vendor's facts named in comments as "okta-api.md §n" are sections of
// the project's reference page on Okta.
package okta
