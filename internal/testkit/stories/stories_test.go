// Package stories_test tells what the product does in the domain's words, with the whole of it in one process on a real
// Temporal: people act on the desk, and what counts is what Okta and the ticket say afterwards.
package stories_test

import (
	"testing"

	"latchkey/internal/testkit"
)

var server *testkit.Server

func TestMain(m *testing.M) { testkit.Main(m, &server) }
