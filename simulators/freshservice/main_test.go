package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// output collects what the program says and lets a test wait for the address.
type output struct {
	mu  sync.Mutex
	b   bytes.Buffer
	now chan struct{}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.b.Write(p)
	select {
	case o.now <- struct{}{}:
	default:
	}
	return n, err
}

var address = regexp.MustCompile(`https?://[^/]+`)

// start runs the program on a free port and gives its address.
func start(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	o := &output{now: make(chan struct{}, 1)}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...), o) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-ended)
	})
	select {
	case <-o.now:
	case err := <-ended:
		ended <- nil
		require.NoError(t, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return address.FindString(o.b.String())
}

func get(t *testing.T, client *http.Client, url, key string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	req.SetBasicAuth(key, "X")
	resp, err := client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func TestProgramServesAcme(t *testing.T) {
	t.Parallel()
	rules := filepath.Join(t.TempDir(), "rules.json")
	require.NoError(t, os.WriteFile(rules, []byte(`[{"name":"nudge","events":["ticket_created"],"actions":[{"kind":"webhook","webhook":{"url":"http://127.0.0.1:1/hook"}}]}]`), 0o600))
	at := start(t, "--api-key", "k", "--seed", "acme", "--limits", "enterprise", "--rules", rules)
	assert.Equal(t, 200, get(t, http.DefaultClient, at+"/api/v2/tickets", "k"))
	assert.Equal(t, 401, get(t, http.DefaultClient, at+"/api/v2/tickets", "other"))
	assert.Equal(t, 200, get(t, http.DefaultClient, at+"/desk/catalog", ""))
	assert.Equal(t, 200, get(t, http.DefaultClient, at+"/admin/state", ""))
}

func TestProgramServesHTTPS(t *testing.T) {
	t.Parallel()
	cert, key, pool := certificate(t)
	at := start(t, "--api-key", "k", "--tls-cert", cert, "--tls-key", key)
	assert.Regexp(t, "^https://", at)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	assert.Equal(t, 200, get(t, client, at+"/api/v2/agents/me", "k"))
}

// certificate writes a certificate for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	raw, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(certFile, certPEM, 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}), 0o600))
	pool = x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(certPEM))
	return certFile, keyFile, pool
}

func TestFlagsThatMakeNoSense(t *testing.T) {
	t.Setenv("FRESHSERVICE_API_KEY", "")
	for name, args := range map[string][]string{
		"no key":         {},
		"unknown seed":   {"--api-key", "k", "--seed", "globex"},
		"unknown limits": {"--api-key", "k", "--limits", "gold"},
		"half of TLS":    {"--api-key", "k", "--tls-cert", "x"},
		"a stray word":   {"--api-key", "k", "serve"},
		"unknown flag":   {"--api-key", "k", "--port", "1"},
		"no rules file":  {"--api-key", "k", "--rules", "nowhere.json"},
		"bad address":    {"--api-key", "k", "--listen", "nowhere:x"},
	} {
		require.Error(t, run(t.Context(), append([]string{"--listen", "127.0.0.1:0"}, args...), &bytes.Buffer{}), name)
	}
	assert.Equal(t, 1, serve([]string{"--seed", "globex"}, &bytes.Buffer{}))
	assert.Equal(t, 0, serve([]string{"--help"}, &bytes.Buffer{}))
}
