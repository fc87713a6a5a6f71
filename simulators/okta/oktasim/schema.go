package oktasim

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// attribute is one base attribute of the default user type (§3.3). All are strings.
type attribute struct {
	name     string
	title    string
	required bool
	min, max int // in characters; 0 means no bound
	check    func(string) bool
	problem  string // what the vendor says when check refuses
}

const badPattern = "Does not match required pattern"

// baseAttributes is the recorded default schema. Order is the vendor's.
var baseAttributes = []attribute{
	{name: "login", title: "Username", required: true, min: 5, max: 100, check: isEmail, problem: "Username must be in the form of an email address"},
	{name: "firstName", title: "First name", required: true, min: 1, max: 50},
	{name: "lastName", title: "Last name", required: true, min: 1, max: 50},
	{name: "middleName", title: "Middle name"},
	{name: "honorificPrefix", title: "Honorific prefix"},
	{name: "honorificSuffix", title: "Honorific suffix"},
	{name: "email", title: "Primary email", required: true, min: 5, max: 100, check: isEmail, problem: badPattern},
	{name: "title", title: "Title"},
	{name: "displayName", title: "Display name"},
	{name: "nickName", title: "Nickname"},
	{name: "profileUrl", title: "Profile Url", check: isURL, problem: badPattern},
	{name: "secondEmail", title: "Secondary email", max: 100, check: isEmail, problem: badPattern},
	{name: "mobilePhone", title: "Mobile phone", max: 100},
	{name: "primaryPhone", title: "Primary phone", max: 100},
	{name: "streetAddress", title: "Street address", max: 1024},
	{name: "city", title: "City", max: 128},
	{name: "state", title: "State", max: 128},
	{name: "zipCode", title: "Zip code", max: 50},
	{name: "countryCode", title: "Country code", max: 2, check: isCountry, problem: badPattern},
	{name: "postalAddress", title: "Postal Address", max: 4096},
	{name: "preferredLanguage", title: "Preferred language", check: isLanguage, problem: badPattern},
	{name: "locale", title: "Locale", check: isLocale, problem: badPattern},
	{name: "timezone", title: "Time zone", check: isTimeZone, problem: badPattern},
	{name: "userType", title: "User type"},
	{name: "employeeNumber", title: "Employee number"},
	{name: "costCenter", title: "Cost center"},
	{name: "organization", title: "Organization"},
	{name: "division", title: "Division"},
	{name: "department", title: "Department"},
	{name: "managerId", title: "ManagerId"},
	{name: "manager", title: "Manager"},
}

func isBaseAttribute(name string) bool {
	return slices.ContainsFunc(baseAttributes, func(a attribute) bool { return a.name == name })
}

// userSchema is the schema of the default user type. It is replaced, never changed in place.
type userSchema struct {
	id          string
	created     time.Time
	lastUpdated time.Time
	custom      map[string]object    // name to the property as it was sent
	order       []string             // names of custom properties, oldest first
	deleted     map[string]time.Time // names whose deletion still runs
}

// schemaCleanup is how long a deleted attribute blocks its name (§2.2; the length is our choice).
const schemaCleanup = 30 * time.Second

func (us *userSchema) wire(c *call) object {
	base := object{}
	var required []string
	for _, a := range baseAttributes {
		p := object{
			"title": a.title, "type": "string", "mutability": "READ_WRITE", "scope": "NONE",
			"permissions": []object{{"principal": "SELF", "action": "READ_ONLY"}}, "master": object{"type": "PROFILE_MASTER"},
		}
		if a.required {
			p["required"] = true
			required = append(required, a.name)
		}
		if a.min > 0 {
			p["minLength"] = a.min
		}
		if a.max > 0 {
			p["maxLength"] = a.max
		}
		base[a.name] = p
	}
	custom := object{}
	customRequired := []string{}
	for _, name := range us.order {
		custom[name] = us.custom[name]
		if us.custom[name]["required"] == true {
			customRequired = append(customRequired, name)
		}
	}
	return object{
		"id": c.href("/meta/schemas/user/" + us.id), "$schema": "http://json-schema.org/draft-04/schema#",
		"name": "user", "title": "User", "type": "object", "created": stamp(us.created), "lastUpdated": stamp(us.lastUpdated),
		"definitions": object{
			"base":   object{"id": "#base", "type": "object", "properties": base, "required": required},
			"custom": object{"id": "#custom", "type": "object", "properties": custom, "required": customRequired},
		},
		"properties": object{"profile": object{"allOf": []object{{"$ref": "#/definitions/custom"}, {"$ref": "#/definitions/base"}}}},
		"_links": object{
			"self": action("GET", c.href("/meta/schemas/user/"+us.id)),
			"type": object{"rel": "type", "href": c.href("/meta/types/user/" + c.st.types[0].id), "method": "GET"},
		},
	}
}

func (c *call) schemaParam() error {
	if id := c.params[0]; id != "default" && id != c.st.schema.id {
		return notFound(id, typeSchema)
	}
	return nil
}

func getSchema(c *call) (answer, error) {
	if err := c.schemaParam(); err != nil {
		return answer{}, err
	}
	return ok(c.st.schema.wire(c))
}

var customTypes = []string{"string", "number", "integer", "boolean", "array"}

// updateSchema merges custom properties; a null property deletes (§3.3).
func updateSchema(c *call) (answer, error) {
	if err := c.schemaParam(); err != nil {
		return answer{}, err
	}
	var body struct {
		Definitions struct {
			Custom struct {
				Properties map[string]object `json:"properties"`
				Required   []string          `json:"required"`
			} `json:"custom"`
		} `json:"definitions"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	next := *c.st.schema
	next.custom, next.order, next.deleted = maps.Clone(next.custom), slices.Clone(next.order), maps.Clone(next.deleted)
	for _, name := range slices.Sorted(maps.Keys(body.Definitions.Custom.Properties)) {
		if err := next.merge(name, body.Definitions.Custom.Properties[name], c.now); err != nil {
			return answer{}, err
		}
		if p := next.custom[name]; p != nil && slices.Contains(body.Definitions.Custom.Required, name) {
			p["required"] = true
		}
	}
	next.lastUpdated = c.now
	c.st.schema = &next
	return ok(next.wire(c))
}

func (us *userSchema) merge(name string, property object, now time.Time) error {
	if property == nil {
		if _, found := us.custom[name]; found {
			delete(us.custom, name)
			us.order = slices.DeleteFunc(us.order, func(n string) bool { return n == name })
			us.deleted[name] = now.Add(schemaCleanup)
		}
		return nil
	}
	if isBase := isBaseAttribute(name); isBase || name == "" {
		return invalid("definitions", name+": the variable name is reserved or empty")
	}
	if until, found := us.deleted[name]; found && now.Before(until) {
		return invalid("definitions", "You cannot add the attribute with the variable name '"+name+"' because the deletion process for an attribute with the same variable name is incomplete. Wait until the data clean up process finishes and then try again.")
	}
	merged := maps.Clone(us.custom[name])
	if merged == nil {
		merged = object{"mutability": "READ_WRITE", "scope": "NONE", "permissions": []object{{"principal": "SELF", "action": "READ_ONLY"}}, "master": object{"type": "PROFILE_MASTER"}}
		us.order = append(us.order, name)
	}
	maps.Copy(merged, property)
	if kind, isText := merged["type"].(string); !isText || !slices.Contains(customTypes, kind) {
		return invalid("definitions", name+": type must be one of string, number, integer, boolean, array")
	}
	us.custom[name] = merged
	delete(us.deleted, name)
	return nil
}

// userType is a kind of user. Only the default type exists here.
type userType struct {
	id, name, displayName, description string
	created                            time.Time
	createdBy                          string
}

func (t *userType) wire(c *call) object {
	return object{
		"id": t.id, "name": t.name, "displayName": t.displayName, "description": t.description, "default": true,
		"created": stamp(t.created), "createdBy": t.createdBy, "lastUpdated": stamp(t.created), "lastUpdatedBy": t.createdBy,
		"_links": object{
			"schema": object{"rel": "schema", "href": c.href("/meta/schemas/user/" + c.st.schema.id), "method": "GET"},
			"self":   object{"rel": "self", "href": c.href("/meta/types/user/" + t.id), "method": "GET"},
		},
	}
}

func listUserTypes(c *call) (answer, error) {
	list := make([]object, 0, len(c.st.types))
	for _, t := range c.st.types {
		list = append(list, t.wire(c))
	}
	return ok(list)
}

func getUserType(c *call) (answer, error) {
	for _, t := range c.st.types {
		if t.id == c.params[0] || c.params[0] == "default" {
			return ok(t.wire(c))
		}
	}
	return answer{}, notFound(c.params[0], typeUserType)
}

// serveOrganization answers the public page that tells Identity Engine ("idx") from Classic ("v1")
// [T TestAccDataSourceOktaAppUserAssignments_read/oie-00.yaml#4].
func (s *Server) serveOrganization(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	id := s.st.orgID
	s.mu.Unlock()
	rep := &reply{status: http.StatusOK, header: http.Header{}}
	rep.setJSON(object{
		"id": id, "cell": "sim", "pipeline": "idx", "_links": object{"organization": link(baseURL(r))},
		"settings": object{"analyticsCollectionEnabled": false, "bugReportingEnabled": true, "omEnabled": false},
	})
	rep.write(w)
}

// getOrg answers the few org facts a client asks for to check that it reached the right one.
func getOrg(c *call) (answer, error) {
	return answer{status: http.StatusOK, body: object{
		"id": c.st.orgID, "companyName": c.s.companyName(), "status": "ACTIVE", "subdomain": "sim",
		"created": stamp(c.st.types[0].created), "lastUpdated": stamp(c.st.types[0].created), "_links": object{},
	}}, nil
}
