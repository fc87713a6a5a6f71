package workflows

import (
	"time"

	"latchkey/contract"
)

// The steps of an incident.
var (
	routeAlert     = step{name: contract.ActRouteAlert, queue: contract.QueueFreshservice, attempt: 30 * time.Second}
	openIncident   = step{name: contract.ActOpenIncident, queue: contract.QueueFreshservice, attempt: 2 * time.Minute, beat: 2 * time.Minute}
	tellIncident   = step{name: contract.ActTellIncident, queue: contract.QueueFreshservice, attempt: 2 * time.Minute, beat: 2 * time.Minute}
	reopenIncident = step{name: contract.ActReopenIncident, queue: contract.QueueFreshservice, attempt: 2 * time.Minute, beat: 2 * time.Minute}
	closeIncident  = step{name: contract.ActCloseIncident, queue: contract.QueueFreshservice, attempt: 2 * time.Minute, beat: 2 * time.Minute}
	lookIncident   = step{name: contract.ActLookIncident, queue: contract.QueueFreshservice, attempt: time.Minute}
	reportIncident = step{name: contract.ActReportIncident, queue: contract.QueueFreshservice, attempt: time.Minute}
	notifyChat     = step{name: contract.ActNotifyChat, queue: contract.QueueLatchkey, attempt: 30 * time.Second}
)
