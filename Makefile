# `make` alone lists what can be made. Needed: a stable Rust toolchain, a C compiler, Node with npm.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test test-faults test-browser test-in-production rest clients browser pictures faults bench test-compose web supergraph fmt lint advisories doctor

DATA ?= data
PORT ?= 4000
ROUNDS ?= 20
INTERLEAVINGS ?= 200
SEED ?= 1
STACK ?=
PARTS ?=

# All packages at once, always, with what the sagas are tested with: another selection would have other features, and compile
# the same crates again for the tests.
BUILD := cargo build --locked --workspace --bin odysseus --features odysseus-saga/suite
ODYSSEUS := $(or $(CARGO_TARGET_DIR),target)/debug/odysseus
NPM_CI := npm ci --no-audit --no-fund --loglevel=error

# Tests make and drop databases by the hundred, each some hundred files: in memory, where Linux offers it and has plenty.
IN_MEMORY := $(shell [ -w /dev/shm ] && [ "$$(df -Pk /dev/shm | awk 'NR == 2 { print $$4 }')" -gt 8000000 ] \
  && awk '/^MemAvailable/ { exit $$2 < 12000000 }' /proc/meminfo && echo /dev/shm)
ifneq ($(IN_MEMORY),)
test test-in-production rest clients browser pictures: export TMPDIR := $(IN_MEMORY)
endif

# The services' own tests run twice: on SQLite with all others, and on PostgreSQL; so do the stories, on the embedded stack
# and in production shape. Of neither the bad input, for which it makes no difference, nor who may what, which starts a platform
# of its own. The same packages are built for all.
ifneq ($(shell cargo nextest --version 2> /dev/null),)
TESTS := cargo nextest run --locked --workspace
NO_FAULTS := -E 'not binary(faults)'
# Beside faults with their many processes more at once would only be slower.
ON_POSTGRESQL := --test-threads 3 -E 'binary(it) & package(/^odysseus-(users|events|tickets|payments|notifications|analytics)$$/) - test(/^bad_input::/)'
STORIES := --test-threads 4 -E 'package(odysseus-e2e) & binary(/^(stories|interleavings)$$/) - test(/^(bad_input|who_may|plan)::/)'
FAULTS := -E 'package(odysseus-e2e) & binary(faults)'
AUDITS := --run-ignored only -E 'package(odysseus-router) & test(audits)'
else
TESTS := cargo test --locked --workspace
NO_FAULTS := --lib --bins --test it --test house --test stories --test interleavings --test gateway
ON_POSTGRESQL := --test it
STORIES := --test stories --test interleavings
FAULTS := --test faults -- --test-threads 1
AUDITS := --package odysseus-router --test it -- --ignored audits
endif

# $(call timed,what,command): runs the command and tells how long it took.
timed = @began=$$SECONDS; echo "── $(1)"; $(2); echo "── $(1): $$((SECONDS - began)) s"

help: ## List what can be made
	@echo "make <target>, with DATA=<folder> and PORT=<n> for run and doctor:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: web ## Build and run the whole platform on http://127.0.0.1:4000
	@tools/fonts/install || echo 'tickets in Chinese, Japanese and Korean will show boxes: their fonts could not be fetched' >&2
	$(BUILD)
	@exec $(ODYSSEUS) run --data $(DATA) --port $(PORT)

test: ## Everything that must hold: format, lints, pages, supergraph, all tests
	@echo "── $$(rustc --version), node $$(node --version)"
	$(call timed,format,cargo fmt --all --check)
	$(call timed,spelling and licences and dependencies,tools/hygiene/check)
	$(call timed,pages,$(MAKE) --no-print-directory web && cd web && npm run --silent check)
	$(call timed,supergraph is current,$(MAKE) --no-print-directory tools/compose/node_modules/.package-lock.json && node tools/compose/compose.mjs --check)
	$(call timed,clients of the last release,node --test tools/compose/tests/*.test.mjs && node tools/compose/compatible.mjs)
	$(call timed,lints,cargo clippy --locked --workspace --all-targets -- -D warnings)
	$(call timed,servers for tests,tools/servers/install)
	$(call timed,compose files,tools/compose-test/check)
	$(call timed,tests,OWN_DATABASES=sqlite tools/servers/with $(TESTS) $(NO_FAULTS))
	@# Faults are mostly waited for: what else needs the production stack runs beside them.
	@tools/beside 'faults and a browser' '$(MAKE) --no-print-directory test-faults test-browser' \
	  'all of these beside them' '$(MAKE) --no-print-directory test-in-production'

test-faults:
	$(call timed,faults in production shape,tools/servers/with $(TESTS) $(FAULTS))

test-browser:
	$(call timed,tickets bought in a browser,$(MAKE) --no-print-directory browser)

test-in-production:
	$(call timed,services on PostgreSQL,tools/servers/with $(TESTS) $(ON_POSTGRESQL))
	$(call timed,stories in production shape,E2E_STACK=production tools/servers/with $(TESTS) $(STORIES))
	$(call timed,audits by others,$(NPM_CI) --prefix tools/audits && $(TESTS) $(AUDITS))
	$(call timed,REST as documented,$(MAKE) --no-print-directory rest)
	$(call timed,generated clients,$(MAKE) --no-print-directory clients)

rest: web ## Try every operation of the OpenAPI documents, with schemathesis
	$(BUILD)
	tools/with-demonstration $(ODYSSEUS) tools/schemathesis/run

clients: web tools/clients/node_modules/.package-lock.json ## Buy tickets with clients generated from what is published
	$(BUILD)
	tools/with-demonstration $(ODYSSEUS) tools/clients/run

browser: web ## Buy tickets in a browser, on a phone and on a desktop
	$(BUILD)
	tools/with-demonstration $(ODYSSEUS) web/e2e/run

pictures: web ## Take pictures of every page and state that a buyer meets: in web/e2e/results/pictures, to be looked at
	$(BUILD)
	tools/with-demonstration $(ODYSSEUS) web/e2e/pictures

faults: ## Rounds of random faults in production shape: ROUNDS=200 SEED=1
	tools/servers/install
	ROUNDS=$(ROUNDS) SEED=$(SEED) cargo nextest run --locked --workspace --profile rounds --no-capture -E 'binary(faults) & test(rounds)'

interleavings: ## Sales in which everything happens in any order: INTERLEAVINGS=200 SEED=1, in production shape with E2E_STACK=production
	tools/servers/install
	INTERLEAVINGS=$(INTERLEAVINGS) SEED=$(SEED) tools/servers/with cargo nextest run --locked --workspace --profile rounds --no-capture \
	  -E 'binary(interleavings) & test(whichever_order)'

bench: web ## Measure it, optimized, on both stacks beside plain PostgreSQL: all, or PARTS="holds viewers" STACK=embedded
	cargo build --locked --release --package odysseus --package odysseus-bench --bin odysseus --bin bench
	tools/servers/install
	$(or $(CARGO_TARGET_DIR),target)/release/bench $(PARTS) $(if $(STACK),--stack $(STACK)) --program $(or $(CARGO_TARGET_DIR),target)/release/odysseus \
	  $(if $(PARTS)$(STACK),,--results bench/results --page docs/performance.md)

test-compose: web ## The compose file, scaled, with a purchase through Traefik; needs Docker or root
	$(BUILD)
	tools/servers/install
	tools/compose-test/run $(ODYSSEUS)

web: web/dist/index.html ## Build the pages that the router serves

web/dist/index.html: schema.graphql web/node_modules/.package-lock.json $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/app/graph/generated/*' -not -path 'web/e2e/*' 2> /dev/null)
	cd web && npm run --silent build
	@touch $@

supergraph: tools/compose/node_modules/.package-lock.json ## Write the services' schemas, compose supergraph.graphql and what is made of it
	$(BUILD)
	$(ODYSSEUS) schema --write .
	node tools/compose/compose.mjs

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && $(NPM_CI)
	@touch $@

fmt: ## Format the Rust sources
	cargo fmt --all

lint: ## Look for what clippy minds
	cargo clippy --locked --workspace --all-targets -- -D warnings

advisories: ## Look for known faults of our crates, in the list that RustSec keeps at GitHub
	tools/wheels hygiene
	.tools/hygiene/bin/cargo-audit audit --deny warnings

doctor: ## Say what would keep the platform from starting, and how to mend it
	$(BUILD)
	@$(ODYSSEUS) doctor --data $(DATA) --port $(PORT)
