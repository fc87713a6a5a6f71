package freshservice_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestAnItemsFormIsRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /service_catalog/items/23", answer(200, `{"service_item":{"id":21000418005,"display_id":23,"name":"App access","cost":1200.5,
		"delivery_time":null,"is_bundle":false,"visibility":2,"custom_fields":[
		{"id":"0b6f","name":"application","label":"Application","field_type":"custom_dropdown","required":true,"deleted":false,
			"field_options":{"displayed_to_requester":"true","placeholder":""},"choices":[["Wiki","Wiki"],["Mail","5e0a"]]},
		{"id":"0b70","name":"old","deleted":true,"choices":null,"field_options":null}]}}`)).
		on("GET /service_catalog/items", answer(200, `{"service_items":[{"display_id":23}]}`))
	got, err := d.client().GetItem(t.Context(), 23)
	require.NoError(t, err)
	assert.Equal(t, "1200.5", got.Cost)
	require.Len(t, got.CustomFields, 2)
	assert.Equal(t, freshservice.Choices{{ID: "Wiki", Value: "Wiki"}, {ID: "5e0a", Value: "Mail"}}, got.CustomFields[0].Choices)
	assert.Equal(t, "true", got.CustomFields[0].Options["displayed_to_requester"])
	assert.True(t, got.CustomFields[1].Deleted)

	items, err := d.client().ListItems(t.Context(), 4)
	require.NoError(t, err)
	assert.Equal(t, int64(23), items[0].DisplayID)
	assert.Equal(t, "4", d.last().query.Get("category_id"))
}

func TestPlacingARequestSendsOnlyWhatTheVendorTakes(t *testing.T) {
	t.Parallel()
	// The status shows as a text here and as a number in views: reference §5.2.
	d := newDesk(t).on("POST /service_catalog/items/23/place_request",
		answer(201, `{"service_request":{"id":41,"type":"Service Request","approval_status":"not_requested","description":null}}`),
		answer(200, `{"service_request":{"id":42,"approval_status":null}}`))
	got, err := d.client().PlaceRequest(t.Context(), 23, freshservice.PlaceRequest{
		Email: "Jane@Acme.test", RequestedFor: " Bo@acme.test", CustomFields: freshservice.Fields{"application": "Wiki"},
		ChildItems: []freshservice.ChildItem{{DisplayID: 24}},
	})
	require.NoError(t, err)
	assert.Equal(t, int64(41), got.ID)
	assert.Equal(t, freshservice.ApprovalNotRequested, got.ApprovalStatus)
	assert.JSONEq(t, `{"email":"jane@acme.test","requested_for":"bo@acme.test","quantity":1,"custom_fields":{"application":"Wiki"},
		"child_items":[{"service_item_id":24}]}`, d.last().body)

	got, err = d.client().PlaceRequest(t.Context(), 23, freshservice.PlaceRequest{Quantity: 3})
	require.NoError(t, err)
	assert.Equal(t, freshservice.ApprovalStatus(""), got.ApprovalStatus)
	assert.JSONEq(t, `{"quantity":3}`, d.last().body)
}

func TestRequestedItemsAreReadInBothShapes(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /tickets/41/requested_items", answer(200, `{"requested_items":[
		{"id":1,"quantity":1,"stage":1,"cost_per_request":12.5,"is_parent":true,"service_item_id":23,"custom_fields":{"application":"Wiki","until":null}},
		{"id":2,"quantity":"2","stage":"4","is_parent":false,"service_item_id":"24","custom_fields":null}]}`)).
		on("PUT /tickets/41/requested_items/1", answer(200, `{"requested_item":{"id":1,"item_id":21000418005,"from_date":null,"quantity":1,"service_request_id":41,
			"stage":{"id":4,"name":"Fulfilled"},"fulfilled":true,"custom_fields":{"application":"Wiki"},
			"item":{"name":"App access","display_id":23,"deleted":false,"item_type":{"id":1,"name":"Normal"}}}}`))
	got, err := d.client().RequestedItems(t.Context(), 41)
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, "Wiki", got[0].CustomFields.Text("application"))
	assert.Equal(t, int64(23), got[0].ServiceItemID)
	assert.Equal(t, freshservice.StageRequested, got[0].Stage)
	assert.Equal(t, int64(24), got[1].ServiceItemID)
	assert.Equal(t, 2, got[1].Quantity)
	assert.Equal(t, freshservice.StageFulfilled, got[1].Stage)
	assert.Empty(t, got[1].CustomFields)

	done, err := d.client().UpdateRequestedItem(t.Context(), 41, 1, freshservice.RequestedItemUpdate{Stage: freshservice.StageFulfilled})
	require.NoError(t, err)
	assert.JSONEq(t, `{"stage":4}`, d.last().body)
	assert.Equal(t, freshservice.StageFulfilled, done.Stage)
	assert.Equal(t, int64(23), done.ServiceItemID)
	assert.Equal(t, "App access", done.ItemName)
}

func TestChoicesAreReadInEveryShape(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]freshservice.Choices{
		`null`:                      nil,
		`""`:                        nil,
		`[]`:                        nil,
		`["A","B"]`:                 {{Value: "A"}, {Value: "B"}},
		`[["A","1"],["B"]]`:         {{ID: "1", Value: "A"}, {Value: "B"}},
		`[{"id":2,"value":"Open"}]`: {{ID: "2", Value: "Open"}},
		`[{"id":"x","value":"A","nested_options":[{"id":1,"value":"A1"}]}]`: {{ID: "x", Value: "A", Nested: freshservice.Choices{{ID: "1", Value: "A1"}}}},
		`{"2":["Open","Being processed"],"3":"Pending"}`:                    {{ID: "2", Value: "Open"}, {ID: "3", Value: "Pending"}},
	} {
		var got freshservice.Choices
		require.NoError(t, json.Unmarshal([]byte(raw), &got), raw)
		assert.Equal(t, want, got, raw)
	}
}

func TestTheFormTellsTheAccountsStates(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /ticket_form_fields", answer(200, `{"ticket_fields":[
		{"id":1,"name":"status","field_type":"default_status","choices":[{"id":2,"value":"Open","requester_display_value":"Open"},{"id":6,"value":"Approved","requester_display_value":"In work"}]},
		{"id":2,"name":"category","field_type":"default_category","required_for_closure":true,"choices":[]},
		{"id":3,"name":"priority","field_type":"default_priority","choices":[{"id":1,"value":"Low"}]}]}`))
	fields, err := d.client(func(c *freshservice.Config) { c.WorkspaceID = 2 }).TicketFields(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "2", d.last().query.Get("workspace_id"))
	assert.Equal(t, map[int]string{2: "Open", 6: "Approved"}, freshservice.StatusNames(fields))
	assert.Equal(t, []string{"category"}, freshservice.RequiredForClosure(fields))
}
