package freshsim

import "time"

// Ticket statuses that every account has (reference §4.1).
const (
	statusOpen     = 2
	statusPending  = 3
	statusResolved = 4
	statusClosed   = 5
)

// Ticket sources with a meaning of their own here (reference §4.1).
const (
	sourcePortal      = 2
	sourceOnboarding  = 13
	sourceOffboarding = 18
)

// primaryWorkspace is the id that every account's first workspace has (reference §1).
const primaryWorkspace = 2

const (
	typeIncident       = "Incident"
	typeServiceRequest = "Service Request"
	typeMajor          = "Major Incident"
)

// ticket is one record of the desk; id is the display id, internal the one that leaks through stats (reference §1).
type ticket struct {
	id, internal, workspace                           int64
	subject, description                              string
	kind                                              string
	status, priority, urgency, impact, source         int
	requesterID, requestedForID                       int64
	responderID, groupID, departmentID, emailConfigID int64
	category, subCategory, itemCategory               string
	custom                                            map[string]any
	tags, cc, fwd, replyCC                            []string
	dueBy, frDueBy                                    time.Time
	spam, deleted                                     bool
	created, updated                                  time.Time
	parent                                            int64
	children                                          []int64
	resolutionNotes                                   string
	stats                                             ticketStats
	attachments                                       []*attachment
	conversations                                     []*conversation
	activities                                        []activity // oldest first
	tasks                                             []*task
	timeEntries                                       []*timeEntry
	items                                             []*requestedItem
	chains                                            []*chain // by level
	lifecycle                                         *lifecycleRequest
	assets                                            []int64
	problem, changeInitiating                         int64
	plannedStart, plannedEnd                          time.Time
	plannedEffort                                     string
}

// ticketStats are the moments behind include=stats.
type ticketStats struct {
	pendingSince, resolved, closed, firstAssigned, assigned, firstResponded, agentResponded, statusUpdated time.Time
	inbound, outbound                                                                                      int
}

type attachment struct {
	id               int64
	name             string
	contentType      string
	data             []byte
	created, updated time.Time
}

// conversation is a note or a reply; source tells them apart (reference §4.9).
type conversation struct {
	id, ticketID     int64
	incoming         bool
	private          bool
	userID           int64
	source           int
	fromEmail        string
	body             string
	to, cc, bcc      []string
	attachments      []*attachment
	created, updated time.Time
}

const (
	conversationReply = 0
	conversationNote  = 2
)

// activity is one line of a ticket's history (reference §4.11).
type activity struct {
	actorID int64
	actor   string
	content string
	sub     []string
	at      time.Time
}

type task struct {
	id, ticketID, agentID, groupID, workspace int64
	status, notifyBefore                      int
	title, description                        string
	due, closed, created, updated             time.Time
}

type timeEntry struct {
	id, ticketID, agentID, taskID, workspace int64
	minutes                                  int
	billable, running                        bool
	note                                     string
	executed, started, created, updated      time.Time
	custom                                   map[string]any
}

// person is a requester or an agent; both share one id space and one e-mail index.
type person struct {
	id                              int64
	agent, occasional               bool
	first, last, email, title       string
	secondary                       []string
	workPhone, mobile               string
	departments                     []int64
	seeAllTickets, seeAllChanges    bool
	manager, location               int64
	address, timeZone, timeFormat   string
	language, background, signature string
	custom                          map[string]any
	active, loggedIn, vip           bool
	externalID                      string
	created, updated                time.Time
	roles                           []roleAssignment
	workspaces                      []int64
	delegate                        *delegation
}

func (p *person) name() string {
	if p.last == "" {
		return p.first
	}
	return p.first + " " + p.last
}

// roleAssignment is one entry of an agent's roles (reference §8.2).
type roleAssignment struct {
	RoleID          int64   `json:"role_id"`
	AssignmentScope string  `json:"assignment_scope"`
	Groups          []int64 `json:"groups"`
	WorkspaceID     int64   `json:"workspace_id"`
}

// delegation is the profile setting that lets someone else answer approvals; the vendor has no API for it (reference §6.1).
type delegation struct {
	to          int64
	from, until time.Time // until zero: open
}

type role struct {
	id                int64
	name, description string
	kind              int // 1 admin, 2 agent
	grants            map[privilege]bool
	created           time.Time
}

type agentGroup struct {
	id, workspace, businessHours, escalateTo int64
	name, description, unassignedFor         string
	members, observers, leaders              []int64
	pendingMembers                           []int64
	restricted, approvalRequired, autoAssign bool
	created, updated                         time.Time
}

type requesterGroup struct {
	id                int64
	name, description string
	kind              string // manual, rule_based
	members           []int64
}

type department struct {
	id, head, prime   int64
	name, description string
	domains           []string
	custom            map[string]any
	created, updated  time.Time
}

type location struct {
	id, parent, contact                         int64
	name, email, phone, contactName             string
	line1, line2, city, state, country, zipcode string
	created, updated                            time.Time
}

// choice is one value of a dropdown; id counts only where the vendor's does (status, type).
type choice struct {
	id    int64
	value string
	label string // what requesters see, where it differs
}

// ticketField is one field of the ticket form (reference §4.11).
type ticketField struct {
	id                                 int64
	name, label, description, kind     string
	builtin                            bool
	requiredForAgents, requiredToClose bool
	choices                            []choice
}

type catalogCategory struct {
	id                int64
	name, description string
	position          int
	created           time.Time
}

// catalogItem is a service item; display is the id used in URLs (reference §5.1).
type catalogItem struct {
	id, display, category, workspace int64
	name, description, short         string
	deliveryHours                    int
	cost                             float64
	visibility                       int     // 1 draft, 2 published
	groups                           []int64 // requester groups that may see it; empty: all
	fields                           []itemField
	children                         []int64 // display ids of a bundle's items
	created, updated                 time.Time
}

type itemField struct {
	id               string
	name, label      string
	kind             string
	required         bool
	hidden           bool // not shown in the portal, still demanded by the API (reference §5.2)
	deleted          bool
	choices          []string
	created, updated time.Time
}

type requestedItem struct {
	id, itemID       int64 // itemID is the display id
	quantity, stage  int
	cost             float64
	remarks          string
	parent           bool
	custom           map[string]any
	created, updated time.Time
}

// lifecycleRequest is an onboarding or offboarding request (reference §7).
type lifecycleRequest struct {
	id               int64
	offboarding      bool
	status           int
	subject          string
	requesterID      int64
	ticketID         int64 // 0 until the ticket exists
	fields           map[string]any
	lookups          map[string]any
	created, updated time.Time
}

// formField is one field of the onboarding or offboarding form.
type formField struct {
	name, label, kind string
	required          bool
	builtin           bool
	choices           []string
	source            int // 0 none, 1 locations, 2 requesters, 3 agents, 5 all users, 6 departments
}
