# Latchkey. `make demo` shows it, `make test` proves it; the rest is for those who work on it.
SHELL := /bin/bash
BIN   := $(CURDIR)/bin
export GOTOOLCHAIN := local

KEEP   ?=
FAULTS ?=
ONLY   ?=

.PHONY: help demo test test-short lint build bench up down fmt tools histories

help: ## what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## run every use case for real: Temporal, both simulators, a worker and the bridge. KEEP=1 stays up, FAULTS=answer-lost makes both vendors lose answers
	@go run ./starter demo $(if $(KEEP),--keep) $(if $(FAULTS),--faults $(FAULTS))

test: ## everything that CI runs
	@bash scripts/test.sh

test-short: ## tests without a Temporal server
	@go test -short ./...

lint: $(BIN)/golangci-lint $(BIN)/workflowcheck ## formatters, linters, and the determinism check of the workflows
	@$(BIN)/golangci-lint run
	@$(BIN)/workflowcheck -config workflowcheck.yaml ./workflows/...

fmt: $(BIN)/golangci-lint ## format the code as the linter wants it
	@$(BIN)/golangci-lint fmt

build: ## both binaries, in bin/
	@mkdir -p $(BIN)
	@go build -trimpath -o $(BIN)/latchkey-worker ./worker
	@go build -trimpath -o $(BIN)/latchkey ./starter

bench: ## measure: a table on the terminal, one JSON object a line in bench.ndjson. ONLY=name runs one
	@go run ./internal/bench $(if $(ONLY),--only $(ONLY)) --out bench.ndjson

up: ## the small cluster of docker-compose.yml, with the simulators
	@docker compose --profile simulators up --build --wait

down: ## stop the small cluster; its volumes stay
	@docker compose --profile simulators down

histories: ## save a history of every workflow that has none yet (never touches the ones that are there)
	@go run ./internal/testkit/histories

tools: $(BIN)/golangci-lint $(BIN)/workflowcheck $(BIN)/gotestsum $(BIN)/temporal ## install what the tests and the linter need, into bin/

$(BIN)/golangci-lint: tools/go.mod
	@mkdir -p $(BIN) && echo "building golangci-lint (once)" && cd tools && go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(BIN)/workflowcheck: tools/go.mod
	@mkdir -p $(BIN) && cd tools && go build -o $@ go.temporal.io/sdk/contrib/tools/workflowcheck

$(BIN)/gotestsum: tools/go.mod
	@mkdir -p $(BIN) && cd tools && go build -o $@ gotest.tools/gotestsum

$(BIN)/temporal:
	@mkdir -p $(BIN) && echo "building the Temporal dev server (once, about six minutes)" && GOBIN=$(BIN) go install github.com/temporalio/cli/cmd/temporal@v1.5.1
