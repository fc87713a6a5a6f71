package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/contract"
	"latchkey/detection"
	"latchkey/internal/systemlog"
)

func newSilence(f *Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use: "silence", Short: "Keep alerts quiet for a while, and say why", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return usage("say what: add, list or expire") },
	}
	cmd.AddCommand(newSilenceAdd(f), newSilenceList(f), newSilenceExpire(f))
	return cmd
}

// silenceAddOptions is `starter silence add`.
type silenceAddOptions struct {
	*Factory
	operator
	length string
	until  string
	json   bool
}

func newSilenceAdd(f *Factory) *cobra.Command {
	o := &silenceAddOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "add MATCHER... --for DURATION|--until TIME --reason TEXT",
		Short: "Silence the alerts that all matchers match",
		Long: `A matcher is FIELD=VALUE, FIELD!=VALUE, FIELD=~EXPRESSION or FIELD!~EXPRESSION; expressions
match the whole value. Fields are rule, severity, those of the incident's key, and of the event
that crossed: type, outcome, reason, subject, login, ip, city, country, app. A field that is
absent never matches. It counts from the next page of the log on, which is read at once; when
it ends, what it kept quiet is judged again.`,
		Example: "  starter silence add rule=brute_force ip=192.0.2.7 --for 2h --reason \"load test\"\n" +
			"  starter silence add 'rule=~travel|new_country' subject=00u1 --until 2026-12-04T18:00:00+01:00 --reason \"conference\"",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			matchers, err := matchersArg(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), matchers)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.length, "for", "", "how long, such as 2h")
	cmd.Flags().StringVar(&o.until, "until", "", "until when, with its offset")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *silenceAddOptions) run(ctx context.Context, matchers []detection.Matcher) error {
	if (o.length == "") == (o.until == "") {
		return usage("say how long with --for, or until when with --until")
	}
	until, err := momentArg(o.length+o.until, o.Now())
	if err != nil {
		return err
	}
	by, err := o.claim(o.Factory, true)
	if err != nil {
		return err
	}
	result, err := logUpdate[contract.SilenceResult](ctx, o.Factory, contract.UpdateSilence, contract.SilenceCommand{Operator: by, Matchers: matchers, Until: until})
	if err != nil {
		return err
	}
	if o.json {
		return writeJSON(o.Out, result)
	}
	fmt.Fprintln(o.Out, clean(result.Text))
	return nil
}

// logUpdate sends an order to the log.
func logUpdate[T any](ctx context.Context, f *Factory, name string, command any) (T, error) {
	var none T
	c, _, err := f.Dial(ctx)
	if err != nil {
		return none, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	result, err := systemlog.Update[T](ctx, c, name, command)
	switch {
	case systemlog.Missing(err):
		return none, exit(NotFound, "nobody reads the System Log: run `starter setup`, or start a worker whose policy has alert rules")
	case err != nil:
		return none, explain(ctx, err)
	}
	return result, nil
}

// matchersArg reads FIELD=VALUE and its like.
func matchersArg(args []string) ([]detection.Matcher, error) {
	var list []detection.Matcher
	for _, arg := range args {
		at := strings.IndexAny(arg, "=!")
		if at < 1 {
			return nil, usage("%q is no matcher: write it as field=value, field!=value, field=~expression or field!~expression", arg)
		}
		m := detection.Matcher{Field: strings.TrimSpace(arg[:at])}
		for _, op := range []detection.MatchOp{detection.OpMatch, detection.OpNotMatch, detection.OpNotEqual, detection.OpEqual} {
			if rest, ok := strings.CutPrefix(arg[at:], string(op)); ok {
				m.Op, m.Value = op, strings.TrimSpace(rest)
				break
			}
		}
		if m.Op == "" || m.Value == "" {
			return nil, usage("%q is no matcher: write it as field=value, field!=value, field=~expression or field!~expression", arg)
		}
		list = append(list, m)
	}
	return list, nil
}

// silenceListOptions is `starter silence list`.
type silenceListOptions struct {
	*Factory
	json bool
}

func newSilenceList(f *Factory) *cobra.Command {
	o := &silenceListOptions{Factory: f}
	cmd := &cobra.Command{
		Use: "list", Short: "List the silences that stand", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// silenceShown is a silence for programs.
type silenceShown struct {
	ID       string    `json:"id"`
	Matchers []string  `json:"matchers"`
	Author   string    `json:"author"`
	Reason   string    `json:"reason"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
}

func (o *silenceListOptions) run(ctx context.Context) error {
	state, err := o.logState(ctx)
	if err != nil {
		return err
	}
	standing := state.Standing(o.Now())
	if o.json {
		list := []silenceShown{}
		for _, s := range standing {
			list = append(list, silenceShown{ID: s.ID, Matchers: matcherTexts(s), Author: s.Author, Reason: s.Reason, From: s.From, Until: s.Until})
		}
		return writeJSON(o.Out, list)
	}
	if len(standing) == 0 {
		fmt.Fprintln(o.Err, "no silence stands")
		return nil
	}
	rows := [][]string{{"ID", "UNTIL", "BY", "MATCHERS", "REASON"}}
	for _, s := range standing {
		rows = append(rows, silenceRow(s))
	}
	return table(o.Out, rows)
}

func silenceRow(s detection.Silence) []string {
	return []string{s.ID, moment(s.Until), s.Author, strings.Join(matcherTexts(s), " "), s.Reason}
}

func matcherTexts(s detection.Silence) []string {
	list := make([]string, 0, len(s.Matchers))
	for _, m := range s.Matchers {
		list = append(list, m.Field+string(m.Op)+m.Value)
	}
	return list
}

// silenceExpireOptions is `starter silence expire`.
type silenceExpireOptions struct {
	*Factory
	operator
	json bool
}

func newSilenceExpire(f *Factory) *cobra.Command {
	o := &silenceExpireOptions{Factory: f}
	cmd := &cobra.Command{
		Use: "expire ID", Short: "End a silence; what it kept quiet is judged again", Args: cobra.ExactArgs(1),
		Example: "  starter silence expire s20261124-3 --reason \"the test is over\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := o.claim(o.Factory, true)
			if err != nil {
				return err
			}
			result, err := logUpdate[contract.CommandResult](cmd.Context(), o.Factory, contract.UpdateExpireSilence, contract.ExpireSilenceCommand{Operator: by, ID: args[0]})
			if err != nil {
				return err
			}
			return o.printResult(result, o.json)
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}
