package policy

import (
	"slices"
	"strings"
	"time"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/identity"
)

// CredentialsPolicy is credentials.yaml without its words and approvers, defaults filled in.
type CredentialsPolicy struct {
	Target    casework.ResetLimits // of one account, whoever asks
	Requester casework.ResetLimits // of one person, for whatever accounts; no cool-down
	// NotifyManager has the person's manager told of every reset, NotifyPeople these addresses as well.
	NotifyManager bool
	NotifyPeople  []string
	LeaveRefused  bool // a refused ticket stays open for a person; otherwise it is resolved
	// EnrolRemind is how long after a reset of authenticators a person who enrolled none is reminded; zero is never.
	EnrolRemind time.Duration
	// TripwireWithin is how far back the System Log is looked at for what speaks against a reset; zero is not at all.
	// TripwireAsk is the agent group that gets the ticket about it.
	TripwireWithin time.Duration
	TripwireAsk    string
}

// credentials is credentials.yaml.
type credentials struct {
	CredentialsPolicy
	domains  []string // whose mail is behind Okta
	forms    []string // attested
	fallback []approver
	remind   time.Duration
	expire   time.Duration
	roles    []string // patterns, lower case
	groups   []string
	people   []string
	need     int
	factors  map[string][]string // by the form's word, lower case: Okta's factor types
	words    casework.ResetWords
}

// allFactors stands for every authenticator where a form's word is given its factor types.
const allFactors = "all"

// Credentials is credentials.yaml, defaults filled in.
func (p *Policy) Credentials() CredentialsPolicy { return p.credentials.CredentialsPolicy }

// MailLocked says why a person cannot open what Okta mails them: the mailbox is behind Okta, and no second address is
// known that is not. Empty is that they can.
func (p *Policy) MailLocked(person identity.Person) string {
	if !p.behindOkta(person.Email) {
		return ""
	}
	if person.SecondEmail != "" && !p.behindOkta(person.SecondEmail) {
		return ""
	}
	return "the person's mailbox is behind Okta and Okta knows no second e-mail address outside it, so a mailed link could not be opened; somebody has to hand over a new way in, in person"
}

func (p *Policy) behindOkta(address string) bool {
	_, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	return ok && slices.ContainsFunc(p.credentials.domains, func(d string) bool {
		return domain == d || strings.HasSuffix(domain, "."+d)
	})
}

// PrivilegedRole says whether an Okta administrator role makes an account privileged, by its type or label.
func (p *Policy) PrivilegedRole(name string) bool { return wildOf(p.credentials.roles, name) }

// PrivilegedGroup says whether a group makes an account privileged.
func (p *Policy) PrivilegedGroup(name string) bool { return wildOf(p.credentials.groups, name) }

// PrivilegedGroups says whether policy names groups at all: without any nobody's groups have to be read.
func (p *Policy) PrivilegedGroups() bool { return len(p.credentials.groups) > 0 }

// PrivilegedApprovers names who may approve a reset of a privileged account, and how many different people have to.
func (p *Policy) PrivilegedApprovers() (emails []string, need int) {
	return slices.Clone(p.credentials.people), p.credentials.need
}

func wildOf(patterns []string, name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return slices.ContainsFunc(patterns, func(pattern string) bool { return wild(pattern, name) })
}

// ResetLevels are the levels that a credential reset needs whatever the routes of approvals.yaml say: the person's
// manager, and so many of the people named for privileged accounts.
func (p *Policy) ResetLevels(terms casework.ResetTerms, f RouteFacts) ([]RouteLevel, error) {
	c := p.credentials
	level := func(name string, g RouteGroup) RouteLevel {
		return RouteLevel{
			Name: name, Groups: []RouteGroup{g}, RemindAfter: c.remind, RemindMax: defaultReminders, ExpireAfter: c.expire,
		}
	}
	var levels []RouteLevel
	if terms.Manager != "" {
		fallback, err := people(c.fallback, routeVars(f))
		if err != nil {
			return nil, err
		}
		levels = append(levels, level("Manager", RouteGroup{
			Name: "manager", Rule: approval.RuleAnyone, Who: []Approvers{{Kind: ApproverManager, Fallback: fallback}},
		}))
	}
	if terms.Privileged != "" {
		g := RouteGroup{Name: "privileged", Rule: approval.RuleQuorum, Need: c.need}
		for _, email := range c.people {
			g.Who = append(g.Who, Approvers{Kind: ApproverPerson, Value: email})
		}
		levels = append(levels, level("Privileged account", g))
	}
	return levels, nil
}

func loadCredentials(v value, c *compiler) credentials {
	const day = 24 * time.Hour
	out := credentials{
		CredentialsPolicy: CredentialsPolicy{
			Target:        casework.ResetLimits{CoolDown: day, Most: 3, Window: 7 * day},
			Requester:     casework.ResetLimits{Most: 5, Window: day},
			NotifyManager: true,
		},
		remind: 4 * time.Hour, expire: 2 * day, roles: []string{"*"}, need: 2, words: casework.DefaultResetWords(),
		factors: map[string][]string{
			"okta verify": {"push", "signed_nonce", "token:software:totp"}, "security key": {"webauthn", "u2f"},
			"text message": {"sms"}, "phone call": {"call"}, "all of them": {allFactors},
		},
	}
	v.object("credentials.yaml", keys{
		"cool_down": func(v value) { out.Target.CoolDown = v.span() },
		"velocity": func(v value) {
			v.object("velocity", keys{
				"target":    func(v value) { loadVelocity(v, &out.Target) },
				"requester": func(v value) { loadVelocity(v, &out.Requester) },
			})
		},
		"mail_behind_okta": func(v value) { out.domains = loadDomains(v) },
		"attested_forms":   func(v value) { out.forms = v.texts("attested_forms") },
		"approval": func(v value) {
			v.object("approval", keys{
				"manager_fallback": func(v value) { out.fallback = loadWho(v, c, 0) },
				"remind_after":     func(v value) { out.remind = v.positive() },
				"expire_after":     func(v value) { out.expire = v.positive() },
			})
		},
		"privileged": func(v value) { loadPrivileged(v, &out) },
		"notify": func(v value) {
			v.object("notify", keys{
				"manager": func(v value) { out.NotifyManager = v.flag() },
				"people":  func(v value) { out.NotifyPeople = v.addresses("people") },
			})
		},
		"refused":      func(v value) { out.LeaveRefused = v.oneOf("resolve", "leave") == "leave" },
		"enrol_remind": func(v value) { out.EnrolRemind = v.span() },
		"tripwire": func(v value) {
			v.object("tripwire", keys{
				"within": func(v value) { out.TripwireWithin = v.positive() },
				"ask":    func(v value) { out.TripwireAsk = v.text() },
			}, "within", "ask")
		},
		"authenticators": func(v value) { loadFactorWords(v, out.factors) },
		"words":          func(v value) { loadResetWords(v, &out.words) },
	})
	return out
}

func loadVelocity(v value, limits *casework.ResetLimits) {
	v.object("a velocity limit", keys{
		"most":   func(v value) { limits.Most = v.whole(1, 1000) },
		"within": func(v value) { limits.Window = v.positive() },
	}, "most", "within")
}

func loadDomains(v value) []string {
	var list []string
	for _, one := range v.items("mail_behind_okta") {
		domain := strings.ToLower(one.text())
		if strings.ContainsAny(domain, "@ */") || domain != "" && !strings.Contains(domain, ".") {
			one.problem("has to be a mail domain such as example.com, found %s", one.kind())
		}
		list = append(list, domain)
	}
	return list
}

func loadPrivileged(v value, out *credentials) {
	patterns := func(into *[]string, what string) func(value) {
		return func(v value) {
			*into = nil
			for _, one := range v.texts(what) {
				*into = append(*into, strings.ToLower(one))
			}
		}
	}
	v.object("privileged", keys{
		"roles":  patterns(&out.roles, "roles"),
		"groups": patterns(&out.groups, "groups"),
		"approvers": func(v value) {
			v.object("approvers", keys{
				"people": func(v value) { out.people = v.addresses("people") },
				"need":   func(v value) { out.need = v.whole(2, 100) },
			}, "people")
			if v.mapping() && len(out.people) < out.need {
				v.problem("approvers names %d people and needs %d: a reset of a privileged account waits for that many different ones", len(out.people), out.need)
			}
		},
	})
}

func loadFactorWords(v value, factors map[string][]string) {
	for _, e := range v.entries("authenticators") {
		types := e.value.texts(e.key)
		if len(types) > 1 && slices.Contains(types, allFactors) {
			e.value.problem("%q stands alone: it is every authenticator", allFactors)
		}
		factors[strings.ToLower(strings.TrimSpace(e.key))] = types
	}
}

func loadResetWords(v value, w *casework.ResetWords) {
	list := func(into *[]string, what string) func(value) {
		return func(v value) {
			*into = nil
			for _, one := range v.texts(what) {
				*into = append(*into, strings.ToLower(one))
			}
		}
	}
	known := keys{
		"negations": list(&w.Negations, "negations"), "denials": list(&w.Denials, "denials"), "doubts": list(&w.Doubts, "doubts"),
	}
	for _, kind := range casework.ResetKinds() {
		if kind == casework.ResetOneFactor {
			continue // words in a text name no single authenticator that could be found without a form
		}
		known[string(kind)] = func(v value) {
			var phrases []string
			list(&phrases, string(kind))(v)
			w.Asks[kind] = phrases
		}
	}
	v.object("words", known)
}
