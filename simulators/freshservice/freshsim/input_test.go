package freshsim

import (
	"errors"
	"testing"
)

// FuzzInput holds that no body, of whatever type, does anything but decode or be refused with a 4xx.
func FuzzInput(f *testing.F) {
	form := "multipart/form-data; boundary=b"
	f.Add("application/json", `{"subject":"s","tags":["a"],"custom_fields":{"x":1},"status":2,"due_by":"2026-01-01"}`)
	f.Add("application/json", `{"status":1e99,"requester_id":-1,"tags":[[]]}`)
	f.Add(form, "--b\r\nContent-Disposition: form-data; name=\"custom_fields[x]\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"custom_fields\"\r\n\r\n1\r\n--b--")
	f.Add(form, "--b\r\nContent-Disposition: form-data; name=\"attachments[]\"; filename=\"a\"\r\n\r\nx\r\n--b--")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		in, err := readInput(contentType, []byte(body))
		if err == nil {
			in.str("subject")
			in.strs("tags")
			in.object("custom_fields")
			in.oneOf("status", 2, 2, 3)
			in.int("requester_id")
			in.date("due_by")
			in.bool("private", true)
			in.ints("members")
			in.objects("assets")
			in.email("email")
			in.require("m", "subject", "status")
			err = in.done()
		}
		var e *apiError
		if err != nil && (!errors.As(err, &e) || e.status < 400 || e.status > 499) {
			t.Fatalf("%q %q: %v", contentType, body, err)
		}
	})
}
