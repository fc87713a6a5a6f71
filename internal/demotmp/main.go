package main

import (
	"context"
	"fmt"
	"os"
	"log/slog"

	"latchkey/internal/demo"
)

func main() {
	var l *slog.Logger
	if os.Getenv("V") != "" { l = slog.New(slog.NewTextHandler(os.Stderr, nil)) }
	f := ""
	if len(os.Args) > 1 { f = os.Args[1] }
	if err := demo.Run(context.Background(), demo.Options{Out: os.Stdout, Log: l, Faults: f}); err != nil {
		fmt.Println("ERR", err); os.Exit(1)
	}
}
