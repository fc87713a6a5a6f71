package bridge

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"latchkey/contract"
)

// freshservice takes a call of a Workflow Automator. What it answers:
//
//	202  Temporal has accepted the nudge
//	400  the body names no ticket and no requester; the reason says what is accepted
//	401  no secret, or a wrong one
//	413  more than 64 KiB
//	415  not JSON
//	429  too many calls from this address
//	503  Temporal cannot take it now; send it again
func (b *Bridge) freshservice(w http.ResponseWriter, r *http.Request) {
	if !b.admit(w, r, b.webhooks.match(presented(r.Header)...), "send the shared secret as \"Authorization: Bearer …\" or \"X-Latchkey-Secret: …\"") {
		return
	}
	if !jsonBody(r.Header.Get("Content-Type")) {
		refuse(w, http.StatusUnsupportedMediaType, "the body is not JSON: set the webhook's encoding to JSON")
		return
	}
	body, ok := read(w, r)
	if !ok {
		return
	}
	n, err := decodeNudge(body)
	if err != nil {
		b.log.InfoContext(r.Context(), "webhook refused", "reason", err.Error())
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), acceptWithin)
	defer cancel()
	label, hand := contract.TicketLabel(n.Ticket), func() error { return b.temporal.Nudge(ctx, n.Ticket) }
	body202 := accepted{Accepted: true, Ticket: label}
	if n.Person != 0 {
		label = "requester " + strconv.FormatInt(n.Person, 10)
		hand, body202 = func() error { return b.temporal.NudgeRequester(ctx, n.Person) }, accepted{Accepted: true, Requester: n.Person}
	}
	if err := hand(); err != nil {
		b.log.ErrorContext(r.Context(), "temporal did not accept a nudge", "about", label, "error", err)
		w.Header().Set("Retry-After", retryAfter)
		refuse(w, http.StatusServiceUnavailable, "Temporal cannot take it now; send it again")
		return
	}
	b.log.InfoContext(r.Context(), "nudged", "about", label, "event", word(n.Event), "delivery", word(n.Delivery))
	answer(w, http.StatusAccepted, body202)
}

// admit checks the secret and the rates, in this order: wrong secrets have a budget of their own, so that nobody can
// lock out a caller who has the right one. It answers when it says no.
func (b *Bridge) admit(w http.ResponseWriter, r *http.Request, right bool, how string) bool {
	source := b.sources.of(r)
	if right {
		if b.sources.accepted.allow(source) {
			return true
		}
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "too many calls from this address; slow down")
		return false
	}
	if !b.sources.refused.allow(source) {
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusTooManyRequests, "too many calls with a wrong secret from this address")
		return false
	}
	b.log.WarnContext(r.Context(), "webhook with no secret or a wrong one", "source", source, "path", r.URL.Path)
	w.Header().Set("WWW-Authenticate", `Bearer realm="latchkey"`)
	refuse(w, http.StatusUnauthorized, "no secret, or a wrong one: "+how)
	return false
}

// read takes in the body up to maxBody. It answers when it cannot.
func read(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "the body has more than 64 KiB: leave descriptions out, the ticket is read anyway")
		return nil, false
	case err != nil:
		refuse(w, http.StatusBadRequest, "the body did not arrive whole")
		return nil, false
	}
	return body, true
}

// jsonBody accepts JSON types and senders that name none.
func jsonBody(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || media == "text/plain" || strings.HasSuffix(media, "+json"))
}

// word is a sender's text as it may stand in a log: short, and of plain characters only.
func word(text string) string {
	const most = 64
	var b strings.Builder
	for _, r := range text {
		if b.Len() == most {
			break
		}
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_.:", r):
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}
