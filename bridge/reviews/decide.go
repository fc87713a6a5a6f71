package reviews

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"latchkey/review"
)

// typedAnswer is what a form brought about an item.
type typedAnswer struct {
	Answer review.Answer
	Reason string
}

// decide takes in a form. What is right is saved as one batch; what is not stays in the form with the reason why.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) {
	s := p.session(r)
	if s == nil {
		p.askWho(w, r)
		return
	}
	if err := r.ParseForm(); err != nil {
		p.sayUnreadable(w, r, err)
		return
	}
	if !p.rightToken(r, s) {
		p.sayForeign(w, r)
		return
	}
	typed := typedAnswers(r.PostForm)
	d, err := p.find(r, s)
	switch {
	case denied(err):
		p.deny(w, r, err)
		return
	case err != nil:
		p.log.ErrorContext(r.Context(), "answers could not be saved", "error", err)
		p.keep(w, r, d, typed)
		return
	}
	bulk := r.PostFormValue("bulk") == "1"
	decisions, problems := d.sort(typed, bulk)
	back := backOf(r.PostForm)
	out := outcome{desk: d, filter: back, typed: typed, problems: problems}
	if len(decisions) > 0 {
		out.saved, out.refused, out.err = p.save(r, d, r.PostFormValue("nonce"), decisions)
	}
	p.answer(w, r, out)
}

// typedAnswers reads the answers and reasons of a form: d.<item> and r.<item>.
func typedAnswers(form url.Values) map[string]typedAnswer {
	typed := map[string]typedAnswer{}
	all := review.Answer(form.Get("all")) // of a bulk form, which lists its items
	why := strings.TrimSpace(form.Get("why"))
	for _, id := range form["item"] {
		typed[id] = typedAnswer{Answer: all, Reason: why}
	}
	for name := range form {
		id, ok := strings.CutPrefix(name, "d.")
		if !ok || form.Get(name) == "" {
			continue
		}
		typed[id] = typedAnswer{Answer: review.Answer(form.Get(name)), Reason: strings.TrimSpace(form.Get("r." + id))}
	}
	return typed
}

// backOf is the filter that a form was shown with.
func backOf(form url.Values) filter {
	q, err := url.ParseQuery(form.Get("back"))
	if err != nil {
		return filter{Page: 1}
	}
	return filterOf(q)
}

// sort finds what changed: decisions that may count, in the packet's order, and for the others why they do not.
func (d *desk) sort(typed map[string]typedAnswer, bulk bool) ([]review.Decision, map[string]string) {
	var decisions []review.Decision
	problems := map[string]string{}
	for _, i := range d.Packet.Items {
		t, ok := typed[i.ID]
		if !ok {
			continue
		}
		if there, ok := d.Answers.Decisions[i.ID]; ok && there.Answer == t.Answer && there.Reason == t.Reason {
			continue
		}
		decision := review.Decision{Item: i.ID, Answer: t.Answer, Reason: t.Reason, Bulk: 1}
		if bulk {
			decision.Bulk = len(typed)
		}
		if err := review.CheckDecision(d.Packet, decision, d.Session.User); err != nil {
			problems[i.ID] = err.Error()
			continue
		}
		decisions = append(decisions, decision)
	}
	for id := range typed {
		if _, ok := d.Packet.Find(id); !ok {
			problems[id] = "an item is not in this reviewer's packet"
		}
	}
	return decisions, problems
}

// saveTries is how often decisions are handed in: a batch that came before with the same content is not handed in again
// by Temporal, so what is found changed after it goes once more under a new name.
const saveTries = 2

// save signs the decisions as a batch, stores it and hands it in. It says how many count now, or why none does. An error
// means that it is not known, or that it did not work: then nothing may be called saved.
func (p *Pages) save(r *http.Request, d *desk, nonce string, decisions []review.Decision) (saved int, refused string, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), decideWithin) // a caller who hangs up has still decided
	defer cancel()
	for range saveTries {
		b := review.Batch{
			ID: batchID(nonce, d, decisions), Campaign: d.Campaign, Reviewer: d.Reviewer, By: d.Session.User, Via: d.Session.Via,
			Link: d.Session.Link, At: p.now(), Decisions: decisions,
		}
		for i := range b.Decisions {
			b.Decisions[i].At = b.At
		}
		if b, err = p.signer.Sign(b); err != nil {
			return 0, "", err
		}
		if err := review.WriteBatch(ctx, p.blobs, b); err != nil {
			return 0, "", err
		}
		result, err := p.engine.Decide(ctx, d.Campaign, d.Reviewer, b.ID)
		switch {
		case errors.Is(err, ErrClosed):
			return 0, "the review was closed meanwhile: decisions no longer count", nil
		case err != nil:
			return 0, "", err
		case result.Refused != "":
			return 0, result.Refused, nil
		}
		d.State = result.State
		if d.Answers, err = review.ReadAnswers(ctx, p.blobs, d.Campaign, d.Reviewer, d.State.Answers); err != nil {
			return 0, "", err
		}
		if !slices.ContainsFunc(decisions, func(want review.Decision) bool { return !d.counts(want) }) {
			return len(decisions), "", nil
		}
		nonce = review.NewID()
	}
	return 0, "somebody answered the same items at the same moment: look again", nil
}

// counts says whether a decision is what stands.
func (d *desk) counts(want review.Decision) bool {
	got, ok := d.Answers.Decisions[want.Item]
	return ok && got.Answer == want.Answer && got.Reason == want.Reason
}

// batchID is the same for the same form with the same content, so that a form sent twice counts once.
func batchID(nonce string, d *desk, decisions []review.Decision) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q %q\n", nonce, d.Campaign, d.Reviewer, d.Session.User, d.Session.Link)
	for _, x := range decisions {
		raw, err := json.Marshal([]any{x.Item, x.Answer, x.Reason, x.Bulk})
		if err != nil {
			continue // texts and numbers can always be written
		}
		sum.Write(raw)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
