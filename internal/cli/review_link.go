package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"latchkey/contract"
	"latchkey/internal/config"
	"latchkey/review"
)

// mostLink bounds how long a link opens.
const mostLink = 60 * 24 * time.Hour

// reviewLink is `starter review link`.
type reviewLink struct {
	*Factory
	operator
	campaign string
	reviewer string
	lasts    time.Duration
	revoke   string
	list     bool
	json     bool
}

func newReviewLink(f *Factory) *cobra.Command {
	o := &reviewLink{Factory: f}
	cmd := &cobra.Command{
		Use:   "link CAMPAIGN REVIEWER [--for 72h | --revoke ID | --list]",
		Short: "Make, list or revoke a signed link to one reviewer's page",
		Long: `For installations where reviewers do not sign in through Okta. The link opens one
reviewer's page until it expires or is revoked, and whoever has it is taken for the
reviewer: hand it over outside the ticket, because every agent of the desk can read a
ticket. REVIEWER is the Okta user ID that ` + "`starter review status`" + ` shows.
Needs LATCHKEY_REVIEW_URL and LATCHKEY_REVIEW_LINK_SECRETS, the same as the bridge.`,
		Example: "  starter review link 2026-Q4 00u1a2b3 --for 72h --reason \"no account in our Okta\"\n  starter review link 2026-Q4 00u1a2b3 --list\n  starter review link 2026-Q4 00u1a2b3 --revoke ABC123 --reason \"sent to the wrong person\"",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.campaign, err = campaignArg(args[0]); err != nil {
				return err
			}
			if o.reviewer = args[1]; review.CheckID(o.reviewer) != nil {
				return usage("%q is no Okta user ID: `starter review status %s` shows them", o.reviewer, o.campaign)
			}
			return o.run(cmd.Context())
		},
	}
	o.flags(cmd)
	cmd.Flags().DurationVar(&o.lasts, "for", 72*time.Hour, "how long the link opens the page; 60 days at most")
	cmd.Flags().StringVar(&o.revoke, "revoke", "", "ID of a link that shall open nothing any more")
	cmd.Flags().BoolVar(&o.list, "list", false, "list the reviewer's links")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("for", "revoke", "list")
	return cmd
}

// madeLink is a link that was made; its URL is a secret.
type madeLink struct {
	ID      string    `json:"id"`
	Expires time.Time `json:"expires"`
	URL     string    `json:"url"`
}

func (o *reviewLink) run(ctx context.Context) error {
	if o.list {
		return o.printLinks(ctx)
	}
	by, err := o.claim(o.Factory, true)
	if err != nil {
		return err
	}
	cmd := contract.LinkCommand{Operator: by, Revoke: o.revoke}
	if o.revoke != "" {
		if err := o.tell(ctx, cmd); err != nil {
			return err
		}
		fmt.Fprintf(o.Out, "link %s opens nothing any more\n", o.revoke)
		return nil
	}
	if o.lasts <= 0 || o.lasts > mostLink {
		return usage("--for takes a time up to %s, such as 72h", mostLink)
	}
	settings, err := config.LoadReviewLinks()
	if err != nil {
		return err
	}
	links, err := settings.Links()
	if err != nil {
		return err
	}
	if links.Empty() || settings.URL == "" {
		return exit(Failed, "set LATCHKEY_REVIEW_URL and LATCHKEY_REVIEW_LINK_SECRETS as the bridge has them")
	}
	cmd.ID, cmd.Expires = rand.Text(), o.Now().Add(o.lasts).UTC().Truncate(time.Second)
	// The workflow hears of the link before anybody can use it: one that it does not list opens nothing.
	if err := o.tell(ctx, cmd); err != nil {
		return err
	}
	text, err := links.Sign(review.Link{Campaign: o.campaign, Reviewer: o.reviewer, ID: cmd.ID, Expires: cmd.Expires})
	if err != nil {
		return err
	}
	made := madeLink{ID: cmd.ID, Expires: cmd.Expires, URL: settings.URL + "/review/-/open/" + text}
	if o.json {
		return writeJSON(o.Out, made)
	}
	fmt.Fprintf(o.Err, "link %s, until %s. Whoever has it is taken for the reviewer: hand it over outside the ticket.\n", made.ID, moment(made.Expires))
	fmt.Fprintln(o.Out, made.URL)
	return nil
}

func (o *reviewLink) tell(ctx context.Context, cmd contract.LinkCommand) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	id := contract.ReviewerWorkflowID(o.campaign, o.reviewer)
	var state contract.ReviewerState
	if err := ask(ctx, c, id, contract.UpdateLink, cmd, &state); err != nil {
		return aboutWorkflow(ctx, id, err)
	}
	return nil
}

func (o *reviewLink) printLinks(ctx context.Context) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	id := contract.ReviewerWorkflowID(o.campaign, o.reviewer)
	value, err := c.QueryWorkflow(ctx, id, "", contract.QueryReviewer)
	if err != nil {
		return aboutWorkflow(ctx, id, err)
	}
	var state contract.ReviewerState
	if err := value.Get(&state); err != nil {
		return fmt.Errorf("the answer of %s cannot be read: %w", id, err)
	}
	if o.json {
		return writeJSON(o.Out, state.Links)
	}
	rows := [][]string{{"LINK", "EXPIRES", "BY", ""}}
	for _, l := range state.Links {
		note := ""
		if l.Revoked {
			note = "revoked"
		}
		rows = append(rows, []string{l.ID, moment(l.Expires), l.By, note})
	}
	return table(o.Out, rows)
}
