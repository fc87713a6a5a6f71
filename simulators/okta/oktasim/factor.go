package oktasim

import (
	"net/http"
	"slices"
	"time"
)

// factor is one enrolment of a person (§3.9).
type factor struct {
	id          string
	kind        string // factorType
	provider    string
	vendor      string
	status      string // PENDING_ACTIVATION or ACTIVE
	created     time.Time
	lastUpdated time.Time
	profile     object
}

type factorKind struct {
	provider string
	prefix   string
	pending  bool // waits for a passCode unless activate=true
}

var factorKinds = map[string]factorKind{
	"sms":                 {"OKTA", "mbl", true},
	"call":                {"OKTA", "clf", true},
	"email":               {"OKTA", "emf", true},
	"push":                {"OKTA", "opf", true},
	"signed_nonce":        {"OKTA", "oks", true},
	"question":            {"OKTA", "ufs", false},
	"token:software:totp": {"OKTA", "ost", true},
	"token:hotp":          {"CUSTOM", "ofh", true},
	"token:hardware":      {"YUBICO", "ykf", true},
	"token":               {"RSA", "rsf", true},
	"u2f":                 {"FIDO", "fuf", true},
	"webauthn":            {"FIDO", "fwf", true},
	"web":                 {"DUO", "uft", true},
}

// oktaVerify factors are one app on the phone: removing one of the first two removes all (§3.9).
var oktaVerify = []string{"push", "signed_nonce", "token:software:totp"}

func (f *factor) wire(c *call, uid string) object {
	self := c.href("/users/" + uid + "/factors/" + f.id)
	links := object{
		"self": object{"href": self, "hints": object{"allow": []string{"GET", "DELETE"}}},
		"user": object{"href": c.href("/users/" + uid), "hints": object{"allow": []string{"GET"}}},
	}
	if f.status == "ACTIVE" {
		links["verify"] = object{"href": self + "/verify", "hints": object{"allow": []string{"POST"}}}
	} else {
		links["activate"] = object{"href": self + "/lifecycle/activate", "hints": object{"allow": []string{"POST"}}}
	}
	return object{
		"id": f.id, "factorType": f.kind, "provider": f.provider, "vendorName": f.vendor, "status": f.status,
		"created": stamp(f.created), "lastUpdated": stamp(f.lastUpdated), "profile": f.profile, "_links": links,
	}
}

func listFactors(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	list := make([]object, 0, len(c.st.factors[u.id]))
	for _, f := range c.st.factors[u.id] {
		list = append(list, f.wire(c, u.id))
	}
	return ok(list)
}

// listFactorCatalogue says which factors the person could enrol.
func listFactorCatalogue(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	list := []object{}
	for _, kind := range []string{"question", "sms", "call", "email", "push", "token:software:totp", "webauthn"} {
		status := "NOT_SETUP"
		if slices.ContainsFunc(c.st.factors[u.id], func(f *factor) bool { return f.kind == kind && f.status == "ACTIVE" }) {
			status = "ACTIVE"
		}
		k := factorKinds[kind]
		list = append(list, object{
			"factorType": kind, "provider": k.provider, "vendorName": k.provider, "status": status, "enrollment": "OPTIONAL",
			"_links": object{"enroll": object{"href": c.href("/users/" + u.id + "/factors"), "hints": object{"allow": []string{"POST"}}}},
		})
	}
	return ok(list)
}

func (c *call) factor() (*user, *factor, error) {
	u, err := c.user()
	if err != nil {
		return nil, nil, err
	}
	for _, f := range c.st.factors[u.id] {
		if f.id == c.params[1] {
			return u, f, nil
		}
	}
	return nil, nil, notFound(c.params[1], typeFactor)
}

func getFactor(c *call) (answer, error) {
	u, f, err := c.factor()
	if err != nil {
		return answer{}, err
	}
	return ok(f.wire(c, u.id))
}

// enrolFactor answers PENDING_ACTIVATION, or ACTIVE for questions and with activate=true (§3.9).
func enrolFactor(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	var body struct {
		Type     string `json:"factorType"`
		Provider string `json:"provider"`
		Profile  object `json:"profile"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	kind, known := factorKinds[body.Type]
	if !known {
		return answer{}, invalid("factorType", "factorType: Invalid Factor.")
	}
	if u.status == statusDeprovisioned || u.status == statusSuspended {
		return answer{}, wrongStatus()
	}
	if slices.ContainsFunc(c.st.factors[u.id], func(f *factor) bool { return f.kind == body.Type && f.status == "ACTIVE" }) {
		return answer{}, invalid("factorEnrollRequest", "A factor of this type is already set up.")
	}
	if (body.Type == "sms" || body.Type == "call") && body.Profile["phoneNumber"] == nil {
		return answer{}, invalid("phoneNumber", "phoneNumber: The field cannot be left blank")
	}
	f := c.s.addFactor(u, body.Type, body.Profile, kind.pending && !c.flag("activate", false))
	if body.Provider != "" {
		f.provider, f.vendor = body.Provider, body.Provider
	}
	if f.status == "ACTIVE" {
		c.s.emit(c.by(), "user.mfa.factor.activate", u.target())
	}
	return ok(f.wire(c, u.id))
}

// addFactor stores an enrolment in place of a pending one of the same type.
func (s *Server) addFactor(u *user, kind string, profile object, pending bool) *factor {
	k := factorKinds[kind]
	now := s.now()
	f := &factor{id: s.st.newID(k.prefix), kind: kind, provider: k.provider, vendor: k.provider, status: "ACTIVE", created: now, lastUpdated: now, profile: object{}}
	for name, v := range profile {
		if name != "answer" { // write-only
			f.profile[name] = v
		}
	}
	if pending {
		f.status = "PENDING_ACTIVATION"
	}
	rest := slices.DeleteFunc(slices.Clone(s.st.factors[u.id]), func(o *factor) bool { return o.kind == kind && o.status != "ACTIVE" })
	s.st.factors[u.id] = append(rest, f)
	return f
}

// activateFactor takes any passCode of digits; others are refused as the vendor refuses wrong ones (§2.2 E0000068).
func activateFactor(c *call) (answer, error) {
	u, f, err := c.factor()
	if err != nil {
		return answer{}, err
	}
	var body struct {
		PassCode string `json:"passCode"`
	}
	if len(c.body) > 0 {
		if err := c.decode(&body); err != nil {
			return answer{}, err
		}
	}
	if f.kind != "push" && !isDigits(body.PassCode) {
		return answer{}, fail(http.StatusForbidden, "E0000068", "Invalid Passcode/Answer", "Your passcode doesn't match our records. Please try again.")
	}
	done := *f
	done.status, done.lastUpdated = "ACTIVE", c.now
	list := slices.Clone(c.st.factors[u.id])
	list[slices.Index(list, f)] = &done
	c.st.factors[u.id] = list
	c.s.emit(c.by(), "user.mfa.factor.activate", u.target())
	return ok(done.wire(c, u.id))
}

func isDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}

// deleteFactor is not possible on a deactivated user; removing push or signed_nonce removes all of Okta Verify (§3.9).
func deleteFactor(c *call) (answer, error) {
	u, f, err := c.factor()
	if err != nil {
		return answer{}, err
	}
	if u.status == statusDeprovisioned {
		return answer{}, wrongStatus()
	}
	whole := f.kind == "push" || f.kind == "signed_nonce"
	c.st.factors[u.id] = slices.DeleteFunc(slices.Clone(c.st.factors[u.id]), func(o *factor) bool {
		return o.id == f.id || whole && slices.Contains(oktaVerify, o.kind)
	})
	c.s.emit(c.by(), "user.mfa.factor.deactivate", u.target())
	return noContent()
}

// resetFactors removes every enrolment; 200 also when there was none (§3.4).
func resetFactors(c *call, u *user) (answer, error) {
	delete(c.st.factors, u.id)
	c.s.emit(c.by(), "user.mfa.factor.reset_all", u.target())
	return emptyObject()
}
