// Package bridge is the door for the vendors' webhooks: it verifies who calls, translates what they say, hands it to
// Temporal and answers.
//
// A webhook is a trigger, never truth. Whatever a body claims (an approval, a status, a person), only the ticket's
// number is used: the case reads Freshservice again and believes only that. So a forged, stale, repeated, reordered or
// lost webhook can cost a read, never a grant.
//
// A 202 means that Temporal has the nudge durably. When Temporal cannot take it the answer is 503, and the sender's own
// retries, and after them the sweep, bring it again. Neither bodies nor secrets are ever logged.
package bridge
