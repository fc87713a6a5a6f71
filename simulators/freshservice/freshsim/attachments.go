package freshsim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
			"attachment_url": fmt.Sprintf("%s/api/v2/attachments/%d", c.origin, a.id),
			"created_at":     stamp(a.created), "updated_at": stamp(a.updated),
		})
	}
	return out
}

// getAttachment is the download (reference §4.10).
func getAttachment(c *call) (*answer, error) {
	a := c.db.attachments.get(c.ids["id"])
	if a == nil {
		return nil, notFound()
	}
	h := http.Header{}
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(a.name))
	return &answer{status: http.StatusOK, raw: a.data, header: h}, nil
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
