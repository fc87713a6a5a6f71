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
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// output collects what the program says, from any goroutine.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// program starts the command on a free port and stops it with the test.
func program(t *testing.T, args ...string) (addr string, said *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	said = &output{}
	ready, code := make(chan string, 1), make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...), said, func(addr string) { ready <- addr })
	}()
	stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { stop() })
	select {
	case addr = <-ready:
	case c := <-code:
		code <- c
		t.Fatalf("ended with %d before it listened: %s", c, said)
	}
	return addr, said, stop
}

func get(t *testing.T, client *http.Client, url, token string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Authorization", "SSWS "+token)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(raw)
}

func TestServesAcmeUntilItIsStopped(t *testing.T) {
	t.Parallel()
	addr, said, stop := program(t, "--token", "secret", "--seed", "acme", "--limits", "workforce", "--token-share", "80")
	status, body := get(t, http.DefaultClient, "http://"+addr+"/api/v1/users/eleanor.marsh@acme.example", "secret")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, "Chief Executive Officer")
	status, _ = get(t, http.DefaultClient, "http://"+addr+"/api/v1/users", "wrong")
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Equal(t, exitOK, stop())
	assert.Contains(t, said.String(), addr)
	assert.NotContains(t, said.String(), "secret")
}

func TestServesAFreshOrgOverTLS(t *testing.T) {
	t.Parallel()
	cert, key, pool := selfSigned(t)
	addr, _, stop := program(t, "--token", "secret", "--seed", "none", "--tls-cert", cert, "--tls-key", key)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}}
	status, body := get(t, client, "https://"+addr+"/api/v1/users", "secret")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, 1, strings.Count(body, `"status":"ACTIVE"`), "the admin who owns the token")
	assert.Contains(t, body, "https://"+addr+"/api/v1/users/")
	assert.Equal(t, exitOK, stop())
}

func TestFlagsThatMakeNoSenseEndWithUsage(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"nobody can sign in": {},
		"unknown seed":       {"--token", "x", "--seed", "everything"},
		"stray argument":     {"--token", "x", "serve"},
		"half of TLS":        {"--token", "x", "--tls-cert", "c.pem"},
		"unknown flag":       {"--tokens", "x"},
		"no such file":       {"--clients", filepath.Join(t.TempDir(), "none.json")},
	} {
		said := &output{}
		assert.Equal(t, exitUsage, run(t.Context(), args, said, nil), name)
		assert.NotEmpty(t, said.String(), name)
	}
	assert.Equal(t, exitOK, run(t.Context(), []string{"-h"}, &output{}, nil))
	assert.Equal(t, exitError, run(t.Context(), []string{"--token", "x", "--limits", "gold"}, &output{}, nil))
	assert.Equal(t, exitError, run(t.Context(), []string{"--token", "x", "--listen", "nowhere"}, &output{}, nil))
}

// selfSigned writes a certificate for 127.0.0.1.
func selfSigned(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	pool = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool.AddCert(parsed)
	return certFile, keyFile, pool
}
