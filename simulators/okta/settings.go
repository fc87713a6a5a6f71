package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

// settings is what the flags say.
type settings struct {
	listen  string
	tlsCert string
	tlsKey  string
	options oktasim.Options
	webApps []oktasim.WebApp
}

func parseFlags(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{}
	fs := flag.NewFlagSet("okta", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&s.listen, "listen", "127.0.0.1:8080", "address to listen on")
	fs.StringVar(&s.options.Token, "token", os.Getenv("OKTA_SIM_TOKEN"), "SSWS API token of the org's admin (default $OKTA_SIM_TOKEN)")
	seed := fs.String("seed", "none", "none for a fresh org, acme for the Acme company, large for 10,000 people without a story")
	fs.StringVar(&s.options.Limits, "limits", oktasim.LimitsOff, "rate-limit plan: off, workforce, enterprise or integrator")
	fs.IntVar(&s.options.TokenShare, "token-share", 50, "percent of each rate bucket that one credential may use")
	fs.StringVar(&s.tlsCert, "tls-cert", "", "PEM file with the certificate; serves https together with --tls-key")
	fs.StringVar(&s.tlsKey, "tls-key", "", "PEM file with the private key")
	apps := fs.String("web-apps", "", "JSON file with a list of OIDC web applications: id, name, secret, redirect_uris, users")
	clients := fs.String("clients", "", "JSON file with a list of OAuth service apps: id, name, scopes, roles, jwks")
	fs.DurationVar(&s.options.RuleDelay, "rule-delay", 0, "how long group rules take to notice a change")
	fs.DurationVar(&s.options.FanOutDelay, "fan-out-delay", 0, "how long a group's apps take to reach its members")
	fs.DurationVar(&s.options.SearchLag, "search-lag", 0, "how long lists and searches of users trail behind writes")
	fs.DurationVar(&s.options.ActivationDelay, "activation-delay", 0, "how long users are in transition after activation")
	fs.DurationVar(&s.options.LogLag, "log-lag", 0, "how long events take to appear in /api/v1/logs")
	fs.BoolVar(&s.options.HTTPHooks, "http-hooks", false, "accept event hook URIs with plain http to any host")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if err := s.readWebApps(*apps); err != nil {
		return s, err
	}
	return s, s.finish(fs.Args(), *seed, *clients)
}

func (s *settings) readWebApps(path string) error {
	if path == "" {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--web-apps: %w", err)
	}
	if err := json.Unmarshal(raw, &s.webApps); err != nil {
		return fmt.Errorf("--web-apps %s: want a JSON list of web applications: %w", path, err)
	}
	return nil
}

func (s *settings) finish(rest []string, seed, clients string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: everything is a flag", rest[0])
	case (s.tlsCert == "") != (s.tlsKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case s.options.Token == "" && clients == "":
		return errors.New("nobody could sign in: give --token (or $OKTA_SIM_TOKEN), --clients, or both")
	}
	switch seed {
	case "none":
	case "acme":
		company, err := acme.Load()
		if err != nil {
			return fmt.Errorf("load the acme company: %w", err)
		}
		s.options.Seed = &company
	case "large":
		s.options.Seed = acme.Large()
	default:
		return fmt.Errorf("--seed %q: want none, acme or large", seed)
	}
	if clients == "" {
		return nil
	}
	raw, err := os.ReadFile(clients)
	if err != nil {
		return fmt.Errorf("--clients: %w", err)
	}
	if err := json.Unmarshal(raw, &s.options.Clients); err != nil {
		return fmt.Errorf("--clients %s: want a JSON list of service apps: %w", clients, err)
	}
	return nil
}
