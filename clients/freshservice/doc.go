// Package freshservice speaks the Freshservice REST API v2 in Go types.
//
// It does one vendor's HTTP and nothing else: it never retries, knows no Temporal and no domain. Every method is one
// call or, where it lists, a walk over pages; the exceptions that make two calls say so. Callers decide about retrying
// by the [Kind] of an [Error] alone, and about pacing by the [RateFacts] that every answer yields ([Budget] turns them
// into yes or no).
//
// The vendor changes shapes between endpoints and releases: a root key in singular or plural, a number as a string, a
// list as a single object, a date with its day first, nulls anywhere. What comes back from this package is plain Go:
// int64 ids, UTC-comparable times, zero values for null. Attributes that this package does not know are ignored.
//
// Facts about the vendor cite "reference §n", the sections of the project's page on the Freshservice API, or the
// vendor's own page at https://api.freshservice.com.
package freshservice
