package freshsim

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func filterRecord() (filterSchema, getter) {
	schema := filterSchema{
		"status": kindNumber, "tag": kindString, "email": kindString, "vip": kindBool, "created_at": kindTime,
		"group_id": kindNumber, "first_name": kindLabel, "last_name": kindLabel,
	}
	values := map[string][]any{
		"status": {int64(3)}, "tag": {"red", "okta-evt-1"}, "email": {"a.b@example.com"}, "vip": {true},
		"created_at": {time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}, "first_name": {"Joanna"}, "last_name": {"O Neill"},
	}
	return schema, func(field string) []any { return values[field] }
}

func TestFilterLanguage(t *testing.T) {
	t.Parallel()
	schema, record := filterRecord()
	for query, want := range map[string]bool{
		`status:3`:                                 true,
		`status:2`:                                 false,
		`status:>3`:                                true,
		`status:<2`:                                false,
		`tag:'red'`:                                true,
		`tag:'okta-evt-1'`:                         true,
		`tag:'re'`:                                 false,
		`email:'A.B@EXAMPLE.COM'`:                  true,
		`vip:true`:                                 true,
		`vip:false`:                                false,
		`group_id:null`:                            true,
		`status:null`:                              false,
		`created_at:>'2026-03-02'`:                 true,
		`created_at:<'2026-03-02'`:                 true,
		`created_at:>'2026-03-03'`:                 false,
		`created_at:<'2026-03-01'`:                 false,
		`created_at:>'2026-03-02T10:00:01Z'`:       false,
		`created_at:<'2026-03-02T10:00:00Z'`:       true,
		`status:2 OR tag:'red'`:                    true,
		`status:2 AND tag:'red'`:                   false,
		`status:2 AND tag:'red' OR vip:true`:       true,
		`status:2 AND (tag:'red' OR vip:true)`:     false,
		`(status:3) AND ((tag:'red'))`:             true,
		` status:3  AND  vip:true `:                true,
		`~[first_name|last_name]:'jo'`:             true,
		`~[first_name|last_name]:'o n'`:            true,
		`~[last_name]:'jo'`:                        false,
		`~[first_name]:'jo' AND status:3`:          true,
		`first_name:'joanna'`:                      true,
		`tag:'or AND OR'`:                          false,
		`(status:2 OR status:3) AND group_id:null`: true,
	} {
		match, err := parseFilter(`"`+query+`"`, schema)
		require.NoError(t, err, query)
		assert.Equal(t, want, match(record), query)
	}
}

func TestRefusedFilters(t *testing.T) {
	t.Parallel()
	schema, _ := filterRecord()
	for query, field := range map[string]string{
		``:                                   "",
		`status:3`:                           "", // not in quotes
		`""`:                                 "",
		`"status"`:                           "",
		`"status:"`:                          "",
		`"status:3 AND"`:                     "",
		`"status:3 vip:true"`:                "",
		`"(status:3"`:                        "",
		`"status:3)"`:                        "",
		`"tag:'red"`:                         "",
		`"status:>null"`:                     "",
		`"status:3 and vip:true"`:            "", // operators are upper case
		`"subject:'x'"`:                      "subject",
		`"status:'3'"`:                       "status",
		`"status:open"`:                      "status",
		`"tag:red"`:                          "tag",
		`"tag:>'red'"`:                       "tag",
		`"vip:'true'"`:                       "vip",
		`"created_at:'2026-03-02'"`:          "created_at",
		`"created_at:>2026-03-02"`:           "created_at",
		`"created_at:>'soon'"`:               "created_at",
		`"~[tag]:'r'"`:                       "tag",
		`"~[first_name:'r'"`:                 "",
		`"~[first_name]:jo"`:                 "",
		`"` + strings.Repeat("x", 511) + `"`: "query",
	} {
		_, err := parseFilter(query, schema)
		var e *apiError
		require.ErrorAs(t, err, &e, query)
		assert.Equal(t, http.StatusBadRequest, e.status)
		if field != "" {
			require.Len(t, e.fields, 1, query)
			assert.Equal(t, field, e.fields[0].Field)
		} else {
			assert.NotEmpty(t, e.message, query)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{`"status:3"`, `"(tag:'a' OR vip:true) AND created_at:>'2026-01-01'"`, `"~[first_name|last_name]:'j'"`, `"((("`, `"status:>-1e9"`} {
		f.Add(seed)
	}
	schema, record := filterRecord()
	f.Fuzz(func(t *testing.T, query string) {
		match, err := parseFilter(query, schema)
		if err != nil {
			var e *apiError
			if !errors.As(err, &e) || e.status != http.StatusBadRequest {
				t.Fatalf("%q: a bad query must be a 400, got %v", query, err)
			}
			return
		}
		if first := match(record); first != match(record) {
			t.Fatalf("%q: two readings differ", query)
		}
		match(func(string) []any { return nil })
	})
}
