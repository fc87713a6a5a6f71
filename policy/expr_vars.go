package policy

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"latchkey/identity"
)

// The variables of expressions, as declared structs: a misspelt field fails when the policy is loaded.

type ticketVars struct {
	ID          int64      `cel:"id"`
	Subject     string     `cel:"subject"`
	Text        string     `cel:"text"`
	Type        string     `cel:"type"`
	Status      int        `cel:"status"`
	StatusName  string     `cel:"status_name"`
	Source      int        `cel:"source"`
	Priority    int        `cel:"priority"`
	Category    string     `cel:"category"`
	Group       string     `cel:"group"`
	Tags        []string   `cel:"tags"`
	Custom      answers    `cel:"custom"`
	Items       []itemVars `cel:"items"`
	Onboarding  answers    `cel:"onboarding"`
	Offboarding answers    `cel:"offboarding"`
	CreatedAt   time.Time  `cel:"created_at"`
	UpdatedAt   time.Time  `cel:"updated_at"`
	Approval    string     `cel:"approval"`
}

type itemVars struct {
	ID       int64   `cel:"id"`
	ItemID   int64   `cel:"item_id"`
	Name     string  `cel:"name"`
	Quantity int     `cel:"quantity"`
	Fields   answers `cel:"fields"`
}

type personVars struct {
	OktaUserID     string   `cel:"okta_user_id"`
	Status         string   `cel:"status"`
	Login          string   `cel:"login"`
	Email          string   `cel:"email"`
	FirstName      string   `cel:"first_name"`
	LastName       string   `cel:"last_name"`
	Title          string   `cel:"title"`
	Department     string   `cel:"department"`
	Location       string   `cel:"location"`
	EmployeeNumber string   `cel:"employee_number"`
	ManagerEmail   string   `cel:"manager_email"`
	TimeZone       string   `cel:"time_zone"`
	Attributes     answers  `cel:"attributes"`
	Groups         []string `cel:"groups"`
	Roles          []string `cel:"roles"`
	IsAgent        bool     `cel:"is_agent"`
	Active         bool     `cel:"active"`
}

type catalogueVars struct {
	Key         string   `cel:"key"`
	Name        string   `cel:"name"`
	Kind        string   `cel:"kind"`
	Entitlement string   `cel:"entitlement"`
	Risk        string   `cel:"risk"`
	Owner       string   `cel:"owner"`
	Cost        float64  `cel:"cost"`
	Tags        []string `cel:"tags"`
	Requestable bool     `cel:"requestable"`
}

type grantVars struct {
	Kind   string `cel:"kind"`
	ID     string `cel:"id"`
	Name   string `cel:"name"`
	Origin string `cel:"origin"`
}

type alertVars struct {
	Rule     string  `cel:"rule"`
	Name     string  `cel:"name"`
	Severity string  `cel:"severity"`
	Key      answers `cel:"key"`
	Events   int     `cel:"events"`
}

func ticketOf(f TicketFacts) *ticketVars {
	v := &ticketVars{
		ID: f.ID, Subject: f.Subject, Text: clip(f.Text), Type: f.Type, Status: f.Status, StatusName: f.StatusName,
		Source: f.Source, Priority: f.Priority, Category: f.Category, Group: f.Group, Tags: f.Tags,
		Custom: answersOf(f.Custom), Onboarding: answersOf(f.Onboarding), Offboarding: answersOf(f.Offboarding),
		CreatedAt: f.CreatedAt.UTC(), UpdatedAt: f.UpdatedAt.UTC(), Approval: f.Approval,
	}
	for _, i := range f.Items {
		v.Items = append(v.Items, *itemOf(i))
	}
	return v
}

func itemOf(i ItemFacts) *itemVars {
	return &itemVars{ID: i.ID, ItemID: i.ItemID, Name: i.Name, Quantity: i.Quantity, Fields: answersOf(i.Fields)}
}

func personOf(f PersonFacts) *personVars {
	p := f.Person
	return &personVars{
		OktaUserID: p.OktaUserID, Status: string(p.Status), Login: p.Login, Email: p.Email, FirstName: p.FirstName,
		LastName: p.LastName, Title: p.Title, Department: p.Department, Location: p.Location,
		EmployeeNumber: p.EmployeeNumber, ManagerEmail: p.ManagerEmail, TimeZone: p.TimeZone,
		Attributes: answersOf(p.Attributes), Groups: f.Groups, Roles: f.Roles, IsAgent: f.IsAgent, Active: f.Active,
	}
}

func catalogueOf(i *CatalogueItem) *catalogueVars {
	if i == nil {
		return &catalogueVars{}
	}
	return &catalogueVars{
		Key: i.Key, Name: i.Name, Kind: string(i.Entitlement.Kind), Entitlement: i.Entitlement.Name, Risk: i.Risk,
		Owner: i.OwnerEmail, Cost: i.Cost, Tags: i.Tags, Requestable: i.Requestable,
	}
}

func grantOf(g identity.Grant) *grantVars {
	return &grantVars{
		Kind: string(g.Entitlement.Kind), ID: g.Entitlement.ID, Name: g.Entitlement.Name, Origin: string(g.Origin),
	}
}

// mostText is how much of a ticket's text expressions see, in bytes. It bounds what a keyword search can cost.
const mostText = 64 << 10

func clip(s string) string {
	if len(s) <= mostText {
		return s
	}
	cut := mostText
	for cut > 0 && s[cut]&0xC0 == 0x80 { // not inside a character
		cut--
	}
	return s[:cut]
}

// answers are the answers of a form: a map in which every key exists. A question that was not asked is null, so a rule
// may name any question of any form without a test for its presence. To CEL it is a map(string, dyn).
type answers struct{ given map[string]any }

var (
	_ ref.Val       = answers{}
	_ traits.Mapper = answers{}
)

func (a answers) mapper() traits.Mapper {
	return types.NewStringInterfaceMap(types.DefaultTypeAdapter, a.given)
}

// ConvertToNative is part of ref.Val.
func (a answers) ConvertToNative(t reflect.Type) (any, error) {
	if t == reflect.TypeFor[answers]() {
		return a, nil
	}
	return a.mapper().ConvertToNative(t)
}

// ConvertToType is part of ref.Val.
func (a answers) ConvertToType(t ref.Type) ref.Val { return a.mapper().ConvertToType(t) }

// Equal is part of ref.Val.
func (a answers) Equal(other ref.Val) ref.Val { return a.mapper().Equal(other) }

// Type is part of ref.Val. The native type provider takes the static type of a field from it.
func (a answers) Type() ref.Type { return types.NewMapType(types.StringType, types.DynType) }

// Value is part of ref.Val.
func (a answers) Value() any { return a.given }

// Contains is part of traits.Mapper: the operator `in` tells a question that was asked from one that was not.
func (a answers) Contains(key ref.Val) ref.Val { return a.mapper().Contains(key) }

// Get is part of traits.Mapper.
func (a answers) Get(key ref.Val) ref.Val {
	v, _ := a.Find(key)
	return v
}

// Find is part of traits.Mapper; what is not there is null.
func (a answers) Find(key ref.Val) (ref.Val, bool) {
	if v, found := a.mapper().Find(key); found {
		return v, true
	}
	return types.NullValue, true
}

// Iterator is part of traits.Mapper.
func (a answers) Iterator() traits.Iterator { return a.mapper().Iterator() }

// Size is part of traits.Mapper.
func (a answers) Size() ref.Val { return a.mapper().Size() }

func answersOf(m map[string]any) answers {
	given := make(map[string]any, len(m))
	for k, v := range m {
		given[k] = plain(v, 0)
	}
	return answers{given}
}

// plain brings whatever a vendor's JSON held to values that expressions know. Nothing makes it fail: a value of another
// kind becomes its text, and what is nested deeper than any form becomes null.
func plain(v any, depth int) any {
	const deepest = 8
	if depth > deepest {
		return nil
	}
	switch x := v.(type) {
	case nil, bool, string, int64, float64:
		return x
	case time.Time:
		return x.UTC()
	case json.Number:
		if i, err := x.Int64(); err == nil {
			return i
		}
		if f, err := x.Float64(); err == nil {
			return f
		}
		return x.String()
	case map[string]any:
		given := make(map[string]any, len(x))
		for k, one := range x {
			given[k] = plain(one, depth+1)
		}
		return answers{given}
	case []any:
		list := make([]any, 0, len(x))
		for _, one := range x {
			list = append(list, plain(one, depth+1))
		}
		return list
	case []string:
		list := make([]any, 0, len(x))
		for _, one := range x {
			list = append(list, one)
		}
		return list
	default:
		return plainKind(reflect.ValueOf(v))
	}
}

func plainKind(r reflect.Value) any {
	switch {
	case r.CanInt():
		return r.Int()
	case r.CanUint():
		if u := r.Uint(); u <= 1<<62 {
			return int64(u)
		}
		return float64(r.Uint())
	case r.CanFloat():
		return r.Float()
	case r.Kind() == reflect.String:
		return r.String()
	case r.Kind() == reflect.Bool:
		return r.Bool()
	default:
		return fmt.Sprint(r.Interface())
	}
}
