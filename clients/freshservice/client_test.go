package freshservice_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cfg  freshservice.Config
		want string
	}{
		"no address":          {freshservice.Config{APIKey: "k"}, "must look like https://"},
		"no host":             {freshservice.Config{BaseURL: "acme", APIKey: "k"}, "must look like https://"},
		"plain http":          {freshservice.Config{BaseURL: "http://acme.test", APIKey: "k"}, "would show the API key"},
		"another scheme":      {freshservice.Config{BaseURL: "ftp://acme.test", APIKey: "k", AllowPlainHTTP: true}, "allowed is https"},
		"a key in the URL":    {freshservice.Config{BaseURL: "https://secret:x@acme.test", APIKey: "k"}, "must hold no user"},
		"a query in the URL":  {freshservice.Config{BaseURL: "https://acme.test?key=secret", APIKey: "k"}, "must hold no user"},
		"no key":              {freshservice.Config{BaseURL: "https://acme.test", APIKey: " "}, "API key is empty"},
		"a broken secret URL": {freshservice.Config{BaseURL: "https://secret:%zz@acme.test", APIKey: "k"}, "must look like https://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := freshservice.New(tt.cfg)
			require.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestTicketURLIsTheAgentsPage(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://acme.freshservice.com":         "https://acme.freshservice.com/a/tickets/12",
		"https://acme.freshservice.com/":        "https://acme.freshservice.com/a/tickets/12",
		"https://acme.freshservice.com/api/v2/": "https://acme.freshservice.com/a/tickets/12",
		"https://gate.test/desk":                "https://gate.test/desk/a/tickets/12",
	} {
		c, err := freshservice.New(freshservice.Config{BaseURL: base, APIKey: "k"})
		require.NoError(t, err)
		assert.Equal(t, want, c.TicketURL(12))
	}
}

func TestEveryCallCarriesTheKeyAndAsksForJSON(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /tickets/7", answer(200, `{"ticket":{"id":7}}`))
	_, err := d.client().GetTicket(t.Context(), 7)
	require.NoError(t, err)
	r := d.last()
	assert.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte(testKey+":X")), r.header.Get("Authorization"))
	assert.Equal(t, "application/json", r.header.Get("Accept"))
	assert.Empty(t, r.query, "an unexpected parameter would be refused")
}

func TestAnIDThatIsNoneNeverLeaves(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, id := range []int64{0, -4} {
		_, err := d.client().GetTicket(t.Context(), id)
		require.ErrorIs(t, err, freshservice.Invalid)
	}
	assert.Empty(t, d.requests())
}
