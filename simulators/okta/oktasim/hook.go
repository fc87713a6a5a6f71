package oktasim

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Limits of event hooks (§8).
const (
	hookTimeout   = 3 * time.Second
	maxHooks      = 25
	maxHookEvents = 300
)

type header struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type authScheme struct {
	Type  string `json:"type"`
	Key   string `json:"key"`
	Value string `json:"value,omitempty"` // write-only
}

// hook is an event hook.
type hook struct {
	id           string
	name         string
	description  *string
	status       string // ACTIVE or INACTIVE
	verification string // UNVERIFIED or VERIFIED
	created      time.Time
	lastUpdated  time.Time
	createdBy    string
	items        []string
	filter       any
	uri          string
	headers      []header
	auth         *authScheme
}

func (h *hook) target() logTarget {
	return logTarget{ID: h.id, Type: "EventHook", AlternateID: "unknown", DisplayName: h.name}
}

func (h *hook) wire(c *call) object {
	self := c.href("/eventHooks/" + h.id)
	links := object{
		"self":   object{"href": self, "hints": object{"allow": []string{"GET", "PUT", "DELETE"}}},
		"verify": object{"href": self + "/lifecycle/verify", "hints": object{"allow": []string{"POST"}}},
	}
	if h.status == ruleActive {
		links["deactivate"] = object{"href": self + "/lifecycle/deactivate", "hints": object{"allow": []string{"POST"}}}
	} else {
		links["activate"] = object{"href": self + "/lifecycle/activate", "hints": object{"allow": []string{"POST"}}}
		links["delete"] = object{"href": self, "hints": object{"allow": []string{"DELETE"}}}
		delete(links, "verify")
	}
	config := object{"uri": h.uri, "headers": append([]header{}, h.headers...), "method": "POST", "authScheme": nil}
	if h.auth != nil {
		config["authScheme"] = authScheme{Type: h.auth.Type, Key: h.auth.Key}
	}
	return object{
		"id": h.id, "name": h.name, "description": h.description, "status": h.status, "verificationStatus": h.verification,
		"created": stamp(h.created), "createdBy": h.createdBy, "lastUpdated": stamp(h.lastUpdated),
		"events":  object{"type": "EVENT_TYPE", "items": append([]string{}, h.items...), "filter": h.filter},
		"channel": object{"type": "HTTP", "version": "1.0.0", "config": config}, "_links": links,
	}
}

type hookBody struct {
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Events      struct {
		Type   string   `json:"type"`
		Items  []string `json:"items"`
		Filter any      `json:"filter"`
	} `json:"events"`
	Channel struct {
		Type    string `json:"type"`
		Version string `json:"version"`
		Config  struct {
			URI     string      `json:"uri"`
			Headers []header    `json:"headers"`
			Auth    *authScheme `json:"authScheme"`
		} `json:"config"`
	} `json:"channel"`
}

func (c *call) hookBody() (*hookBody, error) {
	var b hookBody
	if err := c.decode(&b); err != nil {
		return nil, err
	}
	switch {
	case strings.TrimSpace(b.Name) == "":
		return nil, invalid("name", "name: The field cannot be left blank")
	case b.Events.Type != "EVENT_TYPE" || len(b.Events.Items) == 0 || len(b.Events.Items) > maxHookEvents:
		return nil, invalid("events", "events: type must be EVENT_TYPE with 1 to 300 items")
	case b.Channel.Type != "HTTP" || b.Channel.Version == "":
		return nil, invalid("channel", "channel: type must be HTTP and version 1.0.0")
	case !c.s.hookURIAllowed(b.Channel.Config.URI):
		return nil, invalid("channel.config.uri", "channel.config.uri: must be an https URL")
	}
	for _, item := range b.Events.Items {
		if eligible, _ := hookEligible(item); !eligible {
			return nil, invalid("events", "events: '"+item+"' is not an event type that event hooks can subscribe to")
		}
	}
	return &b, nil
}

// hookURIAllowed wants https, as the vendor does; loopback hosts may use http so that a test needs no certificate.
func (s *Server) hookURIAllowed(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (s.opts.HTTPHooks || u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

func (h *hook) fill(b *hookBody) {
	h.name, h.description, h.items, h.filter = b.Name, b.Description, slices.Clone(b.Events.Items), b.Events.Filter
	h.uri, h.headers, h.auth = b.Channel.Config.URI, slices.Clone(b.Channel.Config.Headers), b.Channel.Config.Auth
}

func createHook(c *call) (answer, error) {
	b, err := c.hookBody()
	if err != nil {
		return answer{}, err
	}
	if c.st.hookIDs.len() >= maxHooks {
		return answer{}, invalid("eventHook", "The maximum number of event hooks has been reached.")
	}
	h := &hook{id: c.st.newID(prefixHook), status: ruleActive, verification: "UNVERIFIED", created: c.now, lastUpdated: c.now, createdBy: c.by().actor.ID}
	h.fill(b)
	c.st.hooks[h.id] = h
	c.st.hookIDs.add(h.id)
	c.s.emit(c.by(), "event_hook.created", h.target())
	return ok(h.wire(c))
}

func (c *call) hook() (*hook, error) {
	h, found := c.st.hooks[c.params[0]]
	if !found {
		return nil, notFound(c.params[0], typeHook)
	}
	return h, nil
}

func listHooks(c *call) (answer, error) {
	list := []object{}
	for _, id := range c.st.hookIDs.all() {
		list = append(list, c.st.hooks[id].wire(c))
	}
	return ok(list)
}

func getHook(c *call) (answer, error) {
	h, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	return ok(h.wire(c))
}

// replaceHook makes the hook UNVERIFIED again when its channel changes (§8).
func replaceHook(c *call) (answer, error) {
	h, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	b, err := c.hookBody()
	if err != nil {
		return answer{}, err
	}
	e := c.st.editHook(h.id)
	e.fill(b)
	e.lastUpdated = c.now
	same := e.uri == h.uri && slices.Equal(e.headers, h.headers) && (e.auth == nil) == (h.auth == nil) && (e.auth == nil || *e.auth == *h.auth)
	if !same {
		e.verification = "UNVERIFIED"
	}
	c.s.emit(c.by(), "event_hook.updated", e.target())
	return ok(e.wire(c))
}

func deleteHook(c *call) (answer, error) {
	h, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	if h.status == ruleActive {
		return answer{}, invalid("eventHook", "The event hook must be deactivated before deletion.")
	}
	delete(c.st.hooks, h.id)
	c.st.hookIDs.remove(h.id)
	c.s.emit(c.by(), "event_hook.deleted", h.target())
	return noContent()
}

// setHookStatus answers with the hook, not {} (§8).
func setHookStatus(status, event string) handler {
	return func(c *call) (answer, error) {
		h, err := c.hook()
		if err != nil {
			return answer{}, err
		}
		e := c.st.editHook(h.id)
		e.status, e.lastUpdated = status, c.now
		c.s.emit(c.by(), event, e.target())
		return ok(e.wire(c))
	}
}

// verifyHook sends the one challenge and marks the hook VERIFIED if it is echoed (§8). The lock is let go meanwhile, since
// the endpoint may call back.
func verifyHook(c *call) (answer, error) {
	h, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	challenge := randomText(40)
	c.s.mu.Unlock()
	passed := c.s.deliverer.challenge(c.req.Context(), h, challenge)
	c.s.mu.Lock()
	c.now, c.st = c.s.now(), c.s.st
	if _, found := c.st.hooks[h.id]; !found {
		return answer{}, notFound(h.id, typeHook)
	}
	if !passed {
		return answer{}, invalid("eventHook", "Event hook verification failed: the endpoint did not answer the challenge.")
	}
	e := c.st.editHook(h.id)
	e.verification, e.lastUpdated = "VERIFIED", c.now
	c.s.emit(c.by(), "event_hook.verified", e.target())
	return answer{status: http.StatusOK, body: e.wire(c)}, nil
}
