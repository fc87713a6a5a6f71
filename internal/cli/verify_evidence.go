package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"latchkey/evidence"
)

// recordsMost bounds one file of records in bytes.
const recordsMost = 64 << 20

// verifyOptions is `starter verify-evidence`.
type verifyOptions struct {
	*Factory
	files []string
	json  bool
}

func newVerifyEvidence(f *Factory) *cobra.Command {
	o := &verifyOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "verify-evidence FILE...",
		Short: "Check evidence records offline: that none was altered, dropped or slipped in",
		Long: `Checks the digest of every record and the links between the records of one ticket. It
needs nothing but the files: a record, an array of records as "record --all" prints it, or
one record a line; "-" is standard input. A chain that was cut at its end looks whole:
compare the last digest with the one on the ticket.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o.files = args
			return o.run()
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// verdict is what the check of one ticket's records found.
type verdict struct {
	Ticket  string `json:"ticket"`
	Records int    `json:"records"`
	Last    string `json:"last_digest,omitempty"` // compare with the one on the ticket
	OK      bool   `json:"ok"`
	Why     string `json:"why,omitempty"`
	// Follows is the digest of the record before the first one, where that one was not given.
	Follows string `json:"follows,omitempty"`
}

func (o *verifyOptions) run() error {
	var records []json.RawMessage
	for _, name := range o.files {
		raw, err := o.read(name)
		if err != nil {
			return err
		}
		list, err := split(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		records = append(records, list...)
	}
	verdicts := judge(records)
	broken := slices.ContainsFunc(verdicts, func(v verdict) bool { return !v.OK })
	if o.json {
		if err := writeJSON(o.Out, verdicts); err != nil {
			return err
		}
	} else {
		for _, v := range verdicts {
			o.say(v)
		}
	}
	if broken {
		return silent(Failed)
	}
	return nil
}

func (o *verifyOptions) say(v verdict) {
	if !v.OK {
		fmt.Fprintf(o.Out, "%s  BROKEN  %s\n", v.Ticket, clean(v.Why))
		return
	}
	fmt.Fprintf(o.Out, "%s  ok  %s  last digest %s\n", v.Ticket, count(v.Records, "record"), v.Last)
	if v.Follows != "" {
		fmt.Fprintf(o.Err, "%s: its first record follows %s, which was not given\n", v.Ticket, clean(v.Follows))
	}
}

func (o *verifyOptions) read(name string) ([]byte, error) {
	in := o.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, exit(NotFound, "%w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, recordsMost+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(raw) > recordsMost {
		return nil, fmt.Errorf("%s has more than %d MiB", name, recordsMost>>20)
	}
	return raw, nil
}

// split takes a file apart into records: one value after another, each a record or an array of records.
func split(raw []byte) ([]json.RawMessage, error) {
	var all []json.RawMessage
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		var one json.RawMessage
		switch err := d.Decode(&one); {
		case errors.Is(err, io.EOF) && len(all) > 0:
			return all, nil
		case errors.Is(err, io.EOF):
			return nil, errors.New("it holds no record")
		case err != nil:
			return nil, fmt.Errorf("it is not JSON: %w", err)
		}
		if one[0] != '[' {
			all = append(all, one)
			continue
		}
		var list []json.RawMessage
		if err := json.Unmarshal(one, &list); err != nil {
			return nil, fmt.Errorf("it is not JSON: %w", err)
		}
		all = append(all, list...)
	}
}

// judge checks the records ticket by ticket, in the order of their runs.
func judge(records []json.RawMessage) []verdict {
	type entry struct {
		raw  []byte
		head evidence.Record
	}
	byTicket := map[int64][]entry{}
	var tickets []int64
	for _, raw := range records {
		e := entry{raw: raw}
		_ = json.Unmarshal(raw, &e.head) // what is no record fails the check below
		if _, seen := byTicket[e.head.Ticket]; !seen {
			tickets = append(tickets, e.head.Ticket)
		}
		byTicket[e.head.Ticket] = append(byTicket[e.head.Ticket], e)
	}
	verdicts := make([]verdict, 0, len(tickets))
	for _, ticket := range tickets {
		entries := byTicket[ticket]
		slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.head.Run, b.head.Run) })
		chain := make([][]byte, 0, len(entries))
		for _, e := range entries {
			chain = append(chain, e.raw)
		}
		first, last := entries[0].head, entries[len(entries)-1].head
		v := verdict{Ticket: first.TicketLabel(), Records: len(entries), Last: last.Digest, Follows: first.Former}
		var err error
		if first.Former == "" {
			err = evidence.Check(chain)
		} else {
			err = checkPart(chain)
		}
		if v.OK = err == nil; err != nil {
			v.Why, v.Last, v.Follows = err.Error(), "", ""
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// checkPart checks records whose chain began before them: every digest, and the links among them.
func checkPart(chain [][]byte) error {
	former := ""
	for i, raw := range chain {
		var r evidence.Record
		if err := json.Unmarshal(raw, &r); err != nil {
			return &evidence.BrokenError{Place: i, Reason: "it is not a record: " + err.Error()}
		}
		digest, err := evidence.DigestOf(raw)
		switch {
		case err != nil:
			return &evidence.BrokenError{Place: i, Run: r.Run, Reason: err.Error()}
		case digest != r.Digest:
			return &evidence.BrokenError{Place: i, Run: r.Run, Reason: "its digest does not fit its content: it was altered"}
		case i > 0 && r.Former != former:
			return &evidence.BrokenError{Place: i, Run: r.Run, Reason: "it does not follow the record before: one was altered, dropped or slipped in"}
		}
		former = r.Digest
	}
	return nil
}
