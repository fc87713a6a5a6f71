package freshsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// maxAttachmentBytes is the cap per ticket, conversations included (reference §4.10).
const maxAttachmentBytes = 40 << 20

// readFiles takes the files of a form and holds the ticket to its cap. Attachments inside JSON are refused: they need
// multipart/form-data.
func (c *call) readFiles(in *input, t *ticket) []upload {
	if in.has("attachments") {
		in.fail("attachments", codeInvalidField, "Attachments need multipart/form-data with attachments[]")
	}
	size := 0
	for _, f := range in.files {
		size += len(f.data)
	}
	if size > 0 && size+t.attachedBytes() > maxAttachmentBytes {
		in.fail("attachments", codeInvalidSize, "The total size of attachments of a ticket should not exceed 40 MB")
	}
	return in.files
}

func (d *database) storeFiles(files []upload) []*attachment {
	var out []*attachment
	now := d.clockNow()
	for _, f := range files {
		a := &attachment{id: d.id(), name: f.name, contentType: f.contentType, data: f.data, created: now, updated: now}
		d.attachments.put(a.id, a)
		out = append(out, a)
	}
	return out
}

func (t *ticket) attachedBytes() int {
	total := 0
	for _, a := range t.attachments {
		total += len(a.data)
	}
	for _, n := range t.conversations {
		for _, a := range n.attachments {
			total += len(a.data)
		}
	}
	return total
}

func (c *call) attachmentViews(all []*attachment) []obj {
	out := make([]obj, 0, len(all))
	for _, a := range all {
		out = append(out, obj{
			"id": a.id, "content_type": a.contentType, "size": len(a.data), "name": a.name,
			"attachment_url": c.s.attachmentLink(c.origin, a, c.now),
			"created_at":     stamp(a.created), "updated_at": stamp(a.updated),
		})
	}
	return out
}

// attachmentLife is how long an attachment_url works. The vendor's is a CDN link that is assumed to expire (reference
// §4.10); the figure is ours.
const attachmentLife = 24 * time.Hour

// getAttachment is the download with a key (reference §4.10).
func getAttachment(c *call) (*answer, error) {
	a := c.db.attachments.get(c.ids["id"])
	if a == nil {
		return nil, notFound()
	}
	return &answer{status: http.StatusOK, raw: a.data, header: a.header()}, nil
}

// header makes a browser save the file: its content is untrusted and must not act on the desk's address.
func (a *attachment) header() http.Header {
	h := http.Header{}
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(a.name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	return h
}

// attachmentLink is a link that needs no key and ends after attachmentLife, as a CDN's does.
func (s *Server) attachmentLink(origin string, a *attachment, now time.Time) string {
	expires := now.Add(attachmentLife).Unix()
	return fmt.Sprintf("%s/data/attachments/%d/%s?expires=%d&signature=%s", origin, a.id, url.PathEscape(a.name), expires, s.linkSignature(a.id, expires))
}

func (s *Server) linkSignature(id, expires int64) string {
	mac := hmac.New(sha256.New, s.linkKey)
	fmt.Fprintf(mac, "%d %d", id, expires)
	return hex.EncodeToString(mac.Sum(nil))
}

// serveAttachment answers a signed link; 403 when it has expired or was made up, as a CDN does.
func (s *Server) serveAttachment(w http.ResponseWriter, r *http.Request) {
	id, idErr := strconv.ParseInt(r.PathValue("id"), 10, 64)
	expires, expiresErr := strconv.ParseInt(r.URL.Query().Get("expires"), 10, 64)
	s.mu.Lock()
	a := s.db.attachments.get(id)
	signature := s.linkSignature(id, expires)
	now := s.clock.now().Unix()
	s.mu.Unlock()
	if idErr != nil || expiresErr != nil || now > expires || !hmac.Equal([]byte(signature), []byte(r.URL.Query().Get("signature"))) {
		s.finish(w, r, &answer{status: http.StatusForbidden}, nil)
		return
	}
	if a == nil {
		s.finish(w, r, &answer{status: http.StatusNotFound}, nil)
		return
	}
	s.finish(w, r, &answer{status: http.StatusOK, raw: a.data, header: a.header()}, nil)
}

func deleteTicketAttachment(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	return c.dropAttachment(t, &t.attachments)
}

func (c *call) dropAttachment(t *ticket, from *[]*attachment) (*answer, error) {
	i := slices.IndexFunc(*from, func(a *attachment) bool { return a.id == c.ids["aid"] })
	if i < 0 {
		return nil, notFound()
	}
	c.db.attachments.remove((*from)[i].id)
	*from = slices.Delete(slices.Clone(*from), i, i+1)
	c.db.touchTicket(t)
	return noContent()
}
