package cli

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/review"
)

func newReviewKey(f *Factory) *cobra.Command {
	fresh := false
	cmd := &cobra.Command{
		Use:   "key [--new]",
		Short: "Print the public key of a bridge's signing key, which workers believe",
		Long: `Reads LATCHKEY_REVIEW_SIGNING_KEY's value from standard input and prints the public key for
LATCHKEY_REVIEW_VERIFY_KEYS of the workers. With --new it draws a private key: the first
line is the private key, the second the public one.`,
		Example: "  printenv LATCHKEY_REVIEW_SIGNING_KEY | starter review key\n  starter review key --new",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var text string
			if fresh {
				seed := make([]byte, 32)
				_, _ = rand.Read(seed) // never fails (crypto/rand)
				text = base64.StdEncoding.EncodeToString(seed)
				fmt.Fprintln(f.Out, text)
			} else {
				raw, err := io.ReadAll(io.LimitReader(f.In, 1024))
				if err != nil {
					return fmt.Errorf("reading the key: %w", err)
				}
				text = strings.TrimSpace(string(raw))
			}
			signer, err := review.NewSigner(text)
			if err != nil {
				return exit(Failed, "%w", err)
			}
			fmt.Fprintln(f.Out, signer.Public())
			return nil
		},
	}
	cmd.Flags().BoolVar(&fresh, "new", false, "draw a private key and print both")
	return cmd
}
