package detection

import "encoding/hex"

// proof is evidence as a state holds it: most of what it says it shares with other events.
type proof struct {
	at    int64
	id    [16]byte
	odd   *string // the uuid, where it is not written as uuids are
	what  *what
	who   *who
	where *where
}

type what struct{ Type, Outcome, Reason, App, Risk string }

type who struct{ Subject, Login string }

type where struct{ IP, City, Country, Agent, Device string }

// shared finds the parts that were there before, so that they are held once. It forgets all of them when they are too
// many: what comes later is then shared anew.
type shared struct {
	whats  map[what]*what
	whos   map[who]*who
	wheres map[where]*where
}

func newShared() shared {
	return shared{whats: map[what]*what{}, whos: map[who]*who{}, wheres: map[where]*where{}}
}

const mostShared = 8192

func share[T comparable](known map[T]*T, v T) *T {
	if p := known[v]; p != nil {
		return p
	}
	if len(known) >= mostShared {
		clear(known)
	}
	p := &v
	known[v] = p
	return p
}

// proof makes evidence ready to be held.
func (s *shared) proof(ev *Evidence) *proof {
	p := &proof{at: ev.At.UnixMilli(), id: uuidBytes(ev.UUID)}
	if p.uuid() != ev.UUID {
		odd := ev.UUID
		p.odd = &odd
	}
	p.what = share(s.whats, what{ev.Type, ev.Outcome, ev.Reason, ev.App, ev.Risk})
	p.who = share(s.whos, who{ev.Subject, ev.Login})
	p.where = share(s.wheres, where{ev.IP, ev.City, ev.Country, ev.Agent, ev.Device})
	return p
}

func (p *proof) uuid() string {
	if p.odd != nil {
		return *p.odd
	}
	var b [36]byte
	hex.Encode(b[:8], p.id[:4])
	b[8] = '-'
	hex.Encode(b[9:13], p.id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], p.id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], p.id[8:10])
	b[23] = '-'
	hex.Encode(b[24:], p.id[10:])
	return string(b[:])
}

// same says whether two are of one event.
func (p *proof) same(o *proof) bool { return p.id == o.id }

func (p *proof) evidence() Evidence {
	return Evidence{
		UUID: p.uuid(), At: utc(p.at), Type: p.what.Type, Outcome: p.what.Outcome, Reason: p.what.Reason, App: p.what.App,
		Risk: p.what.Risk, Subject: p.who.Subject, Login: p.who.Login, IP: p.where.IP, City: p.where.City,
		Country: p.where.Country, Agent: p.where.Agent, Device: p.where.Device,
	}
}

// field is a text that silences may match.
func (p *proof) field(name string) (string, bool) {
	switch name {
	case "type":
		return given(p.what.Type)
	case "outcome":
		return given(p.what.Outcome)
	case "reason":
		return given(p.what.Reason)
	case "app":
		return given(p.what.App)
	case "subject":
		return given(p.who.Subject)
	case "login":
		return given(p.who.Login)
	case "ip":
		return given(p.where.IP)
	case "city":
		return given(p.where.City)
	case "country":
		return given(p.where.Country)
	default:
		return "", false
	}
}
