#!/usr/bin/env bash
# Everything that has to pass, in the order in which a failure is cheapest to see. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() { echo "make test needs $1: $2" >&2; exit 1; }
command -v go >/dev/null || missing go "install Go 1.26 or newer"
command -v gcc >/dev/null || command -v cc >/dev/null || missing "a C compiler, for the race detector" "apt-get install gcc libc6-dev (or your system's like)"
make --no-print-directory tools

step() { printf '\n== %s\n' "$1"; }

step "build"
go build ./...
step "lint"
make --no-print-directory lint
step "policy tests of the example company"
go run ./starter policy test examples/acme/policies
step "tests, with the race detector"
bin/gotestsum --format pkgname-and-test-fails --hide-summary=skipped -- -race -timeout 20m ./...
