package okta

import (
	"net/http"
	"strings"
)

// Bucket names a set of endpoints that share one countdown of requests a minute. Which belong together was proved by
// recordings of shared countdowns (okta-api.md §6.1).
type Bucket string

// The buckets we meet.
const (
	BucketUsers     Bucket = "/users*"                     // list, create, everything below one user
	BucketUserRead  Bucket = "GET /users/{id}"             //
	BucketUserWrite Bucket = "POST|PUT|DELETE /users/{id}" //
	BucketGroups    Bucket = "/groups*"                    // list, create, members, rules, apps, roles
	BucketGroup     Bucket = "/groups/{id}"                //
	BucketApps      Bucket = "/apps*"                      // list, lifecycle, users, groups: the scarce one, 100 a minute
	BucketApp       Bucket = "/apps/{id}"                  //
	BucketLogs      Bucket = "/logs"                       //
	BucketHooks     Bucket = "/eventHooks*"                //
	BucketPolicies  Bucket = "/policies*"                  //
	BucketMeta      Bucket = "/meta*"                      //
	BucketToken     Bucket = "/oauth2*"                    //nolint:gosec // the token endpoint, outside the management API; no credential
	BucketOther     Bucket = "other"                       //
)

// BucketOf is the bucket of a request by its method and path. The path may be escaped or a template, and starts with
// "/api/v1/" or "/oauth2/". The query is not part of it.
func BucketOf(method, path string) Bucket {
	if strings.HasPrefix(path, "/oauth2/") {
		return BucketToken
	}
	rest, ok := strings.CutPrefix(path, apiPrefix)
	if !ok {
		return BucketOther
	}
	family, below, _ := strings.Cut(strings.Trim(rest, "/"), "/")
	one := below != "" && !strings.Contains(below, "/")
	switch family {
	case "users":
		switch {
		case one && method == http.MethodGet:
			return BucketUserRead
		case one:
			return BucketUserWrite
		}
		return BucketUsers
	case "groups":
		if one && below != "rules" {
			return BucketGroup
		}
		return BucketGroups
	case "apps":
		if one {
			return BucketApp
		}
		return BucketApps
	case "logs":
		return BucketLogs
	case "eventHooks":
		return BucketHooks
	case "policies":
		return BucketPolicies
	case "meta":
		return BucketMeta
	}
	return BucketOther
}
