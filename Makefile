# Everything a developer runs. The work is done by scripts/, which can be run by themselves; versions of the tools
# they install are pinned in scripts/versions and kept outside the work tree.
include scripts/versions

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Packages to test, for one room at a time: make test PACKAGES=./internal/practice
PACKAGES ?= ./...
# KEEP=0 makes the demo end after the game.
KEEP ?= 1
# More flags for scripts/seed.
SEED ?=
# How long make fuzz spends on each target.
export FUZZTIME ?= 10s
# Flags for go test. Tests with the race detector need cgo; everything else is built without.
TESTFLAGS ?=

.PHONY: help build man decoder run demo seed test race busy cover bench bench-pronunciation storm load crowd fmt generate format vet imports lint secrets hooks fuzz vulns verify clients api-changes api-release deploy-check ci services-up services-down

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-19s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

build: ## Build bin/englishctl and bin/englishd
	CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/englishctl ./cmd/englishd

man: build ## Write the manual pages to bin/man/man1; read them with man -M bin/man englishctl
	bin/englishctl man bin/man/man1

decoder: ## Build the full audio decoder as bin/decoder.wasm, for AUDIO_DECODER_WASM
	scripts/build-decoder bin

run: ## Serve on the embedded default with a debug log
	LOG_LEVEL=debug go run ./cmd/englishctl serve

demo: build ## Import the starter pack and play one game over HTTP; stays up until Ctrl-C (KEEP=0: ends)
	KEEP=$(KEEP) scripts/demo

seed: build ## Fill the database of the settings with 1000 sample sentences (SEED="--users 20 --sessions 300": and more)
	scripts/seed $(SEED)

test: ## All tests on real PostgreSQL, PgBouncer, Redis and MinIO, started for them, and in a Chromium (PACKAGES=./internal/x: only some)
	scripts/install-services chromium promtool nginx
	scripts/with-services scripts/gotest $(TESTFLAGS) $(PACKAGES)

race: ## The same with the race detector, also in the programs that tests start: slow
	scripts/install-services gcc
	CGO_ENABLED=1 go build -race -o bin/race/englishctl ./cmd/englishctl
	TEST_PROGRAM=$(CURDIR)/bin/race/englishctl CGO_ENABLED=1 $(MAKE) test TESTFLAGS=-race

busy: ## The tests with the race detector as on a machine that has too much to do: finds those that count on a quick one
	scripts/install-services gcc
	CGO_ENABLED=1 scripts/busy $(MAKE) test TESTFLAGS=-race

cover: ## All tests with the race detector (what only computes without) and the coverage gates; profile in coverage/all.out
	@mkdir -p coverage
	scripts/install-services gcc
	CGO_ENABLED=1 $(MAKE) test TESTFLAGS="-race -covermode=atomic -coverprofile=coverage/all.out -coverpkg=./internal/..."
	go run ./scripts/covergate coverage/all.out

bench: ## Load on both stacks with ratios (as make load), then the benchmarks, with memory allocations
	$(MAKE) load
	TEST_DECODER_WASM="$$(scripts/build-decoder)" scripts/with-services go test -run '^$$' -bench . -benchmem $(PACKAGES)

bench-pronunciation: ## How well offline scores agree with experts (DIR: speechocean762; CACHE: folder that keeps what was heard, an hour of work; CONDITIONS=300: so many clips under bad conditions)
	scripts/install-services model
	go run ./internal/offline/speechocean -corpus "$(DIR)" $(if $(CACHE),-cache "$(CACHE)") $(if $(CONDITIONS),-conditions "$(CONDITIONS)")

load: build ## An open model of many phones on both stacks: times, processor time, ratios (LOAD="-scenarios draw,save": more flags)
	go build -o bin/loadtest ./scripts/loadtest
	SERVICES_DURABLE=1 scripts/with-services bin/loadtest $(LOAD) bin/englishctl

storm: build ## Random draws while 200 logins with wrong passwords come at once (STORM="-rounds 5": more flags)
	go run ./scripts/loginstorm $(STORM) bin/englishctl

crowd: ## Idle and slow connections while somebody plays, up to what open files allow (CROWD: how many, 20000)
	TEST_CROWD="$(or $(CROWD),20000)" go test -count=1 -v ./cmd/englishctl -run TestCrowdOfIdleAndSlowClients

fmt: ## Format all Go files
	gofmt -w .

generate: ## Run go generate
	go generate ./...

format: ## Fail if a Go file is not formatted
	@files=$$(gofmt -l .); [[ -z $$files ]] || { echo "not formatted (make fmt):"; echo "$$files"; exit 1; }

vet: ## go vet
	go vet ./...

imports: ## Import directions, vendor modules and os.Exit, by internal/archtest
	go test -count=1 ./internal/archtest

lint: ## golangci-lint, as configured in .golangci.yml
	"$$(scripts/install-tool golangci-lint)" run

secrets: ## Look for secrets in the history (in the tree where there is no full history)
	scripts/scan-secrets

hooks: ## Make git look for secrets before every commit
	@scripts/install-hooks

fuzz: ## Fuzz each target for FUZZTIME (10s), one after the other (PACKAGES=./internal/x: only some)
	@scripts/fuzz $(PACKAGES)

vulns: ## govulncheck, where its database can be reached
	@scripts/check-vulnerabilities

verify: ## Fail if go.mod is not tidy or go generate changes something
	go mod tidy -diff
	@before=$$(git status --porcelain && git diff); $(MAKE) generate; \
	[[ $$before == "$$(git status --porcelain && git diff)" ]] || { echo "go generate changed something: commit it"; exit 1; }

clients: build ## Generate clients in TypeScript and Go from the API's description, and play a game through each
	@scripts/check-clients

api-changes: ## Fail if the API's description breaks clients of the last release and CHANGELOG.md does not say so
	@scripts/check-api-changes

api-release: ## At a release: today's description of the API becomes the one that clients have
	cp internal/httpapi/openapi.yaml internal/httpapi/testdata/openapi-released.yaml

deploy-check: ## Look at the samples in examples/deploy with nginx, systemd-analyze, and the parsers of Compose, Kubernetes and BuildKit
	@scripts/check-deploy

ci: ## All that continuous integration checks, with durations
	@scripts/ci

services-up: ## Start PostgreSQL, PgBouncer, Redis and MinIO in the background; then: source .services/env
	@scripts/services-up

services-down: ## Stop what services-up has started and remove its data
	@scripts/services-down
