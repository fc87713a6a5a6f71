// Package detection is the alert engine: events of an Okta System Log in, crossings out. It is pure and runs on event
// time: what it answers depends on its rules, its state, the events and the moments it is told, never on a clock.
//
// A Set holds the rules with what surrounds them (inhibition, silences, mute times, flood caps, limits); an Engine is a
// checked Set. A State is everything remembered between pages: windows, pending absences, values seen before, open
// incidents, waiting candidates and the uuids of the past. Engine.Step moves a State over a page of events, in the
// order of arrival, and says what each event hit and what opened or rose. Steps depend on the events and not on how
// they are cut into pages; an event that was seen changes nothing. State.Encode makes the bytes of a checkpoint, the
// same bytes for the same state.
//
// The stages of a hit, in this order, each with an outcome of its own: our own change (own_change); below the threshold
// or evidence of an incident that is open (counted); muted by a bigger alert (inhibited); silenced by a person
// (silenced); put off by a mute time (held); over the cap of new incidents (flooded); else it opens one (fired).
//
// Facts about events wear their source: "alert-rules" and "okta-api" are our reference pages.
package detection
