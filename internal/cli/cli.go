// Package cli is the operator's command line. Each command is a file: an options struct, the flags, and what it runs.
//
// Data goes to standard output (as JSON with --json), words to standard error, and the exit code says how it ended.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"latchkey/internal/temporal"
)

// Streams is what a command reads and writes.
type Streams struct {
	In  io.Reader
	Out io.Writer // data
	Err io.Writer // words
}

// Factory makes what commands need, when they need it. The zero value of a function is the real thing.
type Factory struct {
	Streams
	// Dial reaches Temporal and says which namespace it is in. The caller closes the client.
	Dial func(ctx context.Context) (c client.Client, namespace string, err error)
	// Who is the name that goes with a command when --by is not given.
	Who func() string
	Now func() time.Time
}

// filled puts in the real things.
func filled(f Factory) Factory {
	if f.Dial == nil {
		f.Dial = func(ctx context.Context) (client.Client, string, error) {
			c, err := temporal.Dial(ctx, temporal.Options{Identity: "starter/" + whoami()})
			if err != nil {
				return nil, "", err
			}
			return c.Client, c.Namespace, nil
		}
	}
	if f.Who == nil {
		f.Who = whoami
	}
	if f.Now == nil {
		f.Now = time.Now
	}
	return f
}

// Starter runs one command line of the operator's command, without the program's name, and says how it ended.
func Starter(ctx context.Context, args []string, streams Streams) Exit {
	return Run(ctx, args, Factory{Streams: streams})
}

// Run is Starter with a factory of the caller's.
func Run(ctx context.Context, args []string, f Factory) Exit {
	f = filled(f)
	return execute(ctx, newRoot(&f), args, f.Streams) //nolint:contextcheck // cobra carries it
}

// execute runs a command tree. What cobra refuses before a command begins is a mistake of usage.
func execute(ctx context.Context, root *cobra.Command, args []string, s Streams) Exit {
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Err) // help that nobody asked for is words; asked-for help is data, see newRoot
	root.SetErr(s.Err)
	root.SilenceErrors, root.SilenceUsage = true, true
	command, err := root.ExecuteContextC(ctx)
	code := codeOf(err)
	if err != nil && !began {
		code = Usage
	}
	switch {
	case err == nil, errors.Is(err, errSilent):
	case code == Usage:
		fmt.Fprintf(s.Err, "%s: %v\nusage: %s\n`%s --help` says more\n", command.CommandPath(), err, command.UseLine(), command.CommandPath())
	default:
		fmt.Fprintf(s.Err, "%s: %v\n", command.CommandPath(), err)
	}
	return code
}

// whoami is the account that runs the command, as name@host. It is only a claim, and is shown as one.
func whoami() string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	if name == "" {
		name = "somebody"
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}
