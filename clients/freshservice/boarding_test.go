package freshservice_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestBoardingRequestsOfBothKinds(t *testing.T) {
	t.Parallel()
	for _, kind := range []freshservice.Boarding{freshservice.Onboarding, freshservice.Offboarding} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			root := string(kind) + "_request"
			body := func(ticket string) string {
				return `{"` + root + `":{"id":3,"status":1,"subject":"s","requester_id":9,"ticket_id":` + ticket + `,
					"actors":{"HR Manager":{"email":"hr@acme.test","name":"Hal","response_status":"Completed"}},
					"fields":{"cf_employee_name":"Ann","cf_department":"11"},"lookup_values":{}}}`
			}
			d := newDesk(t).
				on("POST /"+root+"s", answer(201, body("null"))).
				on("GET /"+root+"s/3", answer(200, body("192"))).
				on("GET /"+root+"s", answer(200, `{"`+root+`s":[{"id":3},{"id":4}]}`, "link", `<https://a.test?page=2>; rel="next"`)).
				on("GET /"+root+"s/3/tickets", answer(200, `{"`+string(kind)+`_tickets":[{"id":192,"parent":true,"status":"Open"},{"id":193,"parent":false,"status":2}]}`)).
				on("GET /"+root+"s/form", answer(200, `{"fields":[{"name":"cf_department","label":"Department","required":true,"field_type":"custom_lookup_bigint","data_source":"6","choices":[]}]}`))
			c := d.client()

			made, err := c.CreateBoardingRequest(t.Context(), kind, 0, freshservice.Fields{"cf_employee_name": "Ann"})
			require.NoError(t, err)
			assert.Zero(t, made.TicketID, "the ticket comes later")
			assert.JSONEq(t, `{"fields":{"cf_employee_name":"Ann"}}`, d.last().body)

			got, err := c.GetBoardingRequest(t.Context(), kind, 3)
			require.NoError(t, err)
			assert.Equal(t, int64(192), got.TicketID)
			assert.Equal(t, "hr@acme.test", got.Actors["HR Manager"].Email)
			assert.Equal(t, "11", got.Context().Text("cf_department"))

			page, err := c.ListBoardingRequests(t.Context(), kind, freshservice.PageRequest{})
			require.NoError(t, err)
			assert.True(t, page.HasNext)
			assert.Len(t, page.Items, 2)

			tickets, err := c.BoardingTickets(t.Context(), kind, 3)
			require.NoError(t, err)
			assert.True(t, tickets[0].Parent)
			assert.Equal(t, "2", tickets[1].Status)

			form, err := c.BoardingForm(t.Context(), kind)
			require.NoError(t, err)
			assert.Equal(t, 6, form[0].DataSource)
		})
	}
}

func TestLookupsAreReadInEveryShape(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]freshservice.LookupValues{
		`null`: nil,
		`[]`:   nil,
		`{}`:   {},
		`{"a":{"id":"4","name":"Sales"},"b":null,"c":"text"}`: {"a": {{ID: 4, Name: "Sales"}}},
		`{"a":[{"id":1,"name":"x"},{"id":2,"first_name":"Bo","last_name":null,"primary_email":"bo@a.test"}]}`: {
			"a": {{ID: 1, Name: "x"}, {ID: 2, FirstName: "Bo", Email: "bo@a.test"}},
		},
	} {
		var got freshservice.LookupValues
		require.NoError(t, json.Unmarshal([]byte(raw), &got), raw)
		assert.Equal(t, want, got, raw)
	}
	assert.Equal(t, "Bo Ray", freshservice.Lookup{FirstName: "Bo", LastName: "Ray", Email: "x"}.Label())
	assert.Equal(t, "x", freshservice.Lookup{Email: "x"}.Label())
}

func TestFieldsAnswerAsWhatIsWanted(t *testing.T) {
	t.Parallel()
	f := freshservice.Fields{
		"text": " x ", "digits": "21000418005", "id": int64(21000418005), "half": 1.5, "yes": "Yes", "flag": true, "none": nil,
		"list": []any{"a", int64(2), nil, ""}, "object": map[string]any{"id": int64(4), "value": "Sales"}, "day": "31-12-2026", "bad": "2026-13-40",
	}
	for name, want := range map[string]string{
		"text": "x", "id": "21000418005", "half": "1.5", "flag": "true", "none": "", "missing": "", "object": "Sales", "list": "a, 2, , ",
	} {
		assert.Equal(t, want, f.Text(name), name)
	}
	for name, want := range map[string]int64{"digits": 21000418005, "id": 21000418005, "object": 4} {
		got, ok := f.Int(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, got, name)
	}
	for _, name := range []string{"text", "half", "none", "missing", "list"} {
		_, ok := f.Int(name)
		assert.False(t, ok, name)
	}
	assert.True(t, f.Bool("yes"))
	assert.True(t, f.Bool("flag"))
	assert.False(t, f.Bool("text"))
	assert.Equal(t, []string{"a", "2"}, f.Texts("list"))
	assert.Equal(t, []string{"x"}, f.Texts("text"))
	assert.Nil(t, f.Texts("none"))
	day, ok := f.Date("day")
	assert.True(t, ok)
	assert.Equal(t, "2026-12-31", day.Format("2006-01-02"))
	for _, name := range []string{"bad", "none", "text"} {
		_, ok := f.Date(name)
		assert.False(t, ok, name)
	}
}
