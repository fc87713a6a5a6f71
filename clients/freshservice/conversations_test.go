package freshservice_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestANoteAlwaysSaysWhetherItIsPrivate(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("POST /tickets/7/notes", answer(201, `{"conversation":{"id":5,"private":false,"body":"<p>x</p>","user_id":3}}`))
	got, err := d.client().AddNote(t.Context(), 7, freshservice.Note{BodyHTML: "<p>x</p>", NotifyEmails: []string{"bo@acme.test"}})
	require.NoError(t, err)
	assert.Equal(t, int64(5), got.ID)
	assert.JSONEq(t, `{"body":"<p>x</p>","private":false,"notify_emails":["bo@acme.test"]}`, d.last().body)
}

func TestFilesTravelAsMultipart(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("POST /tickets/7/notes", answer(201, `{"conversation":{"id":5,"attachments":[{"id":1,"name":"a.json","size":"12"}]}}`)).
		on("POST /tickets/7/reply", answer(201, `{"conversation":{"id":6}}`)).
		on("PUT /tickets/7", answer(200, `{"ticket":{"id":7}}`))
	c := d.client()
	files := []freshservice.File{
		{Name: `rec"ord.json`, ContentType: "application/json", Content: []byte(`{"a":1}`)},
		{Name: "b.bin", Content: []byte{0, 1, 2}},
	}
	note, err := c.AddNote(t.Context(), 7, freshservice.Note{BodyHTML: "@/etc/passwd", Private: true, NotifyEmails: []string{"x@a.test", "y@a.test"}, UserID: 9, Attachments: files})
	require.NoError(t, err)
	assert.Equal(t, int64(12), note.Attachments[0].Size)
	values, got := parts(t, d.last())
	assert.Equal(t, map[string][]string{
		"body": {"@/etc/passwd"}, "private": {"true"}, "notify_emails[]": {"x@a.test", "y@a.test"}, "user_id": {"9"},
	}, values)
	assert.Equal(t, []string{`attachments[] rec"ord.json application/json {"a":1}`, "attachments[] b.bin application/octet-stream \x00\x01\x02"}, got)

	_, err = c.Reply(t.Context(), 7, freshservice.Reply{BodyHTML: "hi", CCEmails: []string{"x@a.test"}, Attachments: files[:1]})
	require.NoError(t, err)
	values, _ = parts(t, d.last())
	assert.Equal(t, map[string][]string{"body": {"hi"}, "cc_emails[]": {"x@a.test"}}, values)

	_, err = c.AttachFiles(t.Context(), 7, files[0])
	require.NoError(t, err)
	values, got = parts(t, d.last())
	assert.Empty(t, values)
	assert.Len(t, got, 1)
}

// parts reads a multipart body: the plain fields, and each file as "field name type content".
func parts(t *testing.T, r request) (fields map[string][]string, files []string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/form-data", kind)
	fields = map[string][]string{}
	reader := multipart.NewReader(strings.NewReader(r.body), params["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, files
		}
		require.NoError(t, err)
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		if part.FileName() == "" {
			fields[part.FormName()] = append(fields[part.FormName()], string(content))
			continue
		}
		files = append(files, strings.Join([]string{part.FormName(), part.FileName(), part.Header.Get("Content-Type"), string(content)}, " "))
	}
}

func TestFilesTheVendorWouldRefuseNeverLeave(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, files := range map[string][]freshservice.File{
		"too large in sum": {{Name: "a", Content: make([]byte, 21<<20)}, {Name: "b", Content: make([]byte, 20<<20)}},
		"no name":          {{Content: []byte("x")}},
		"header injection": {{Name: "a\r\nContent-Type: text/html", Content: []byte("x")}},
	} {
		_, err := d.client().AddNote(t.Context(), 7, freshservice.Note{BodyHTML: "x", Attachments: files})
		require.ErrorIs(t, err, freshservice.Invalid, name)
	}
	_, err := d.client().AttachFiles(t.Context(), 7)
	require.ErrorIs(t, err, freshservice.Invalid)
	assert.Empty(t, d.requests())
}

func TestNotesCanBeCorrected(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("PUT /conversations/5", answer(200, `{"conversation":{"id":5,"body":"new"}}`)).
		on("DELETE /conversations/5", answer(204, ``)).
		on("POST /tickets/7/reply", answer(201, `{"conversation":{"id":6,"to_emails":["jane@acme.test"]}}`))
	got, err := d.client().UpdateNote(t.Context(), 5, "new")
	require.NoError(t, err)
	assert.Equal(t, "new", got.Body)
	assert.JSONEq(t, `{"body":"new"}`, d.last().body)
	require.NoError(t, d.client().DeleteConversation(t.Context(), 5))
	_, err = d.client().Reply(t.Context(), 7, freshservice.Reply{BodyHTML: "hi", BCCEmails: []string{"z@a.test"}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"body":"hi","bcc_emails":["z@a.test"]}`, d.last().body)
}

func TestTasksKeepMilliseconds(t *testing.T) {
	t.Parallel()
	const task = `{"task":{"id":4,"agent_id":3,"status":3,"due_date":"2026-01-02T03:04:05.964Z","closed_at":"2026-01-02T03:04:05.964+05:30","deleted":false,"notify_before":null}}`
	d := newDesk(t).
		on("GET /tickets/7/tasks", answer(200, `{"tasks":[{"id":4},{"id":5}]}`)).
		on("GET /tickets/7/tasks/4", answer(200, task)).
		on("POST /tickets/7/tasks", answer(201, task)).
		on("PUT /tickets/7/tasks/4", answer(200, task)).
		on("DELETE /tickets/7/tasks/4", answer(204, ``))
	c := d.client()
	all, err := c.ListTasks(t.Context(), 7)
	require.NoError(t, err)
	assert.Len(t, all, 2)
	got, err := c.GetTask(t.Context(), 7, 4)
	require.NoError(t, err)
	assert.Equal(t, 964*time.Millisecond, time.Duration(got.DueDate.Nanosecond()))
	assert.Equal(t, 21, got.ClosedAt.UTC().Hour())

	due := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	_, err = c.CreateTask(t.Context(), 7, freshservice.TaskInput{Title: new("Collect the badge"), DueDate: &due, GroupID: new(int64(8))})
	require.NoError(t, err)
	assert.JSONEq(t, `{"title":"Collect the badge","due_date":"2026-05-06T07:08:09Z","group_id":8}`, d.last().body)
	_, err = c.UpdateTask(t.Context(), 7, 4, freshservice.TaskInput{Status: new(freshservice.TaskCompleted)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"status":3}`, d.last().body)
	require.NoError(t, c.DeleteTask(t.Context(), 7, 4))
}
