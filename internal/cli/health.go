package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

// answerMost bounds how much of an answer is shown, in bytes.
const answerMost = 200

// healthOptions is `starter health`.
type healthOptions struct {
	*Factory
	url    string
	within time.Duration
}

func newHealth(f *Factory) *cobra.Command {
	o := &healthOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "health --url URL",
		Short: "Ask a process whether it is well, for health checks in images without a shell",
		Long: `Asks one address, follows no redirect, and ends with 0 for an answer in the 200s and with
1 otherwise. The worker and the bridge answer at /healthz (it lives) and /readyz (it takes
work, and Temporal is there).`,
		Example: "  starter health --url http://127.0.0.1:8080/readyz",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.url, "url", "", "address to ask, http or https")
	cmd.Flags().DurationVar(&o.within, "within", 3*time.Second, "how long to wait for the answer")
	return cmd
}

func (o *healthOptions) run(ctx context.Context) error {
	u, err := url.Parse(o.url)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return usage("say which address with --url, such as http://127.0.0.1:8080/readyz")
	}
	ctx, cancel := context.WithTimeout(ctx, o.within)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return exit(Failed, "no answer: %w", cause(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 == 2 {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerMost))
	if err != nil {
		return exit(Failed, "%s, and the answer broke off: %w", answer.Status, err)
	}
	return exit(Failed, "%s: %s", answer.Status, clean(string(text)))
}

// cause is a failed call without its address, which the caller knows.
func cause(err error) error {
	if call, ok := errors.AsType[*url.Error](err); ok {
		return call.Err
	}
	return err
}
