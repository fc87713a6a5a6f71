// Command bench measures Latchkey on this machine: how many calls a case costs, which does not depend on the machine,
// and how fast cases, simulators, policy and bridge are, which does. Nothing here passes or fails by time; a case that
// does not end as it should fails the whole run, because its figures would mean nothing.
//
// It prints a table and writes one JSON object a line, {"name","value","unit","note"}, to the file of --out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/term"
)

// benchTime bounds one benchmark, its Temporal and its playground included.
const benchTime = 4 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, &progress{out: os.Stderr, terminal: term.IsTerminal(int(os.Stderr.Fd()))})
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// benchmark is one thing that is measured; it may give several figures.
type benchmark struct {
	name string
	what string
	// gives lists the beginnings of the names of its figures, so that --only finds it by any of them.
	gives []string
	run   func(context.Context, *bench) error
}

func benchmarks() []benchmark {
	return []benchmark{
		{name: "calls", what: "calls, history and notes of one case", gives: []string{"access_", "leaver_"}, run: measureCalls},
		{name: "bulk", what: "100 access requests, then 50 leavers, at once", gives: []string{"bulk_"}, run: measureBulk},
		{name: "alerts", what: "100,000 events of a System Log, by a worker of its own", gives: []string{"alerts_"}, run: measureAlerts},
		{name: "bridge", what: "webhooks against a fake Temporal", gives: []string{"bridge_"}, run: measureBridge},
		{name: "policy", what: "policy's answers about one ticket", gives: []string{"policy_"}, run: measurePolicy},
		{name: "snapshot", what: "an access review of 10,000 people", gives: []string{"snapshot_"}, run: measureSnapshot},
		{name: "simulators", what: "pages among 20,000 people", gives: []string{"sim_"}, run: measureSimulators},
	}
}

// wanted says whether --only names this benchmark or one of its figures.
func (b benchmark) wanted(only string) bool {
	if only == "" || only == b.name {
		return true
	}
	for _, prefix := range b.gives {
		if strings.HasPrefix(only, prefix) {
			return true
		}
	}
	return false
}

// bench is what a benchmark may use.
type bench struct {
	*progress
	report   *report
	policies string
	verbose  bool
}

func run(ctx context.Context, args []string, out io.Writer, p *progress) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(p.out)
	only := flags.String("only", "", "run one benchmark, by its name ("+names()+") or by the name of a figure")
	file := flags.String("out", "", "write the figures here as well, one JSON object a line; a file that is there is replaced")
	b := &bench{progress: p}
	flags.StringVar(&b.policies, "policies", "examples/acme/policies", "the policy folder")
	flags.BoolVar(&b.verbose, "verbose", false, "list every endpoint that a case called, and what it read twice")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen := 0
	b.report = &report{only: *only}
	for _, one := range benchmarks() {
		if !one.wanted(*only) {
			continue
		}
		if *only == one.name {
			b.report.only = ""
		}
		chosen++
		b.report.section = one.name
		b.say("%s: %s", one.name, one.what)
		if err := b.one(ctx, one); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	if chosen == 0 {
		return fmt.Errorf("no benchmark %q: there are %s", *only, names())
	}
	b.wipe()
	if len(b.report.figures) == 0 {
		return fmt.Errorf("no figure %q", *only)
	}
	if err := b.report.table(out); err != nil || *file == "" {
		return err
	}
	return b.report.save(*file)
}

func (b *bench) one(ctx context.Context, one benchmark) error {
	ctx, cancel := context.WithTimeout(ctx, benchTime)
	defer cancel()
	return one.run(ctx, b)
}

func names() string {
	var list []string
	for _, b := range benchmarks() {
		list = append(list, b.name)
	}
	return strings.Join(list, ", ")
}
