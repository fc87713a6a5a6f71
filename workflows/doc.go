// Package workflows says what happens, in order, over days: one use case a file, and each reads as its runbook. It
// decides with values from the activities (named in contract) and with the pure engines (approval, casework); it
// touches nothing outside. Time is workflow.Now, waiting is a durable timer, and every wait ends early on a nudge.
package workflows
