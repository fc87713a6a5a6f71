package freshservice

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/go-resty/resty/v2"
)

// maxAttachments is the cap on all files of one ticket together, conversations included, in bytes (reference §4.10).
const maxAttachments = 40 << 20

// File is an attachment to upload.
type File struct {
	Name        string // shown on the ticket
	ContentType string // default application/octet-stream
	Content     []byte
}

// form is a multipart body. The vendor takes files in no other way (reference §4.10).
type form struct {
	values [][2]string
	files  []File
}

func (f *form) add(name, value string) { f.values = append(f.values, [2]string{name, value}) }

// addAll repeats name once per value, Rails style.
func (f *form) addAll(name string, values []string) {
	for _, v := range values {
		f.add(name+"[]", v)
	}
}

// fill writes values as parts, not through resty's form data: that would read a name with a leading "@" as a file path.
func (f *form) fill(req *resty.Request) {
	for _, v := range f.values {
		req.SetMultipartField(v[0], "", "", bytes.NewReader([]byte(v[1])))
	}
	for _, file := range f.files {
		kind := file.ContentType
		if kind == "" {
			kind = "application/octet-stream"
		}
		req.SetMultipartField("attachments[]", file.Name, kind, bytes.NewReader(file.Content))
	}
}

// checkFiles refuses, before anything is sent, what the vendor would refuse.
func (c *Client) checkFiles(k *call, files []File) error {
	total := 0
	for _, f := range files {
		if f.Name == "" {
			return c.invalid(k, "attachments", "a file needs a name")
		}
		if strings.ContainsFunc(f.Name, unicode.IsControl) {
			return c.invalid(k, "attachments", "a file name must hold no control characters")
		}
		total += len(f.Content)
	}
	if total > maxAttachments {
		return c.invalid(k, "attachments", fmt.Sprintf("%d bytes are too many; one ticket takes %d MiB in all", total, maxAttachments>>20))
	}
	return nil
}

// invalid is an Error about an argument; nothing was sent.
func (c *Client) invalid(k *call, field, message string) *Error {
	e := c.newError(k, Invalid, nil)
	e.Fields = []FieldError{{Field: field, Message: message, Code: "invalid_value"}}
	return e
}
