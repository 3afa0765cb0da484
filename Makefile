# The front door: `make` alone lists the targets. GNU make 3.81 (macOS) or later.

# Without bytecode files every start of Airflow takes 5 s longer.
unexport PYTHONDONTWRITEBYTECODE

RUN = .venv/bin/python -m
COMPILE = .venv/bin/uv pip compile --quiet --no-annotate --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help demo up down psql env test bench bench-quality fuzz check fmt lock schema clean install-local install-test install-bench

help: ## list the targets
	@awk 'BEGIN { FS = ":[^#]*## " } /^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: install-local ## run the whole line once on the sample wire and show what became of the stories
	@$(RUN) local.demo

up: install-local ## Airflow with its UI, polling feeds/default.opml (WIRE=sample: the sample wire), until Ctrl-C
	@$(RUN) local.up

down: ## stop what `make up` and `make demo` left running
	@if [ -x .venv/bin/python ]; then $(RUN) local.down; else echo "Nothing is installed, so nothing runs."; fi

psql: ## a psql session on the news database as a reader
	@if [ -x .venv/bin/python ]; then $(RUN) local.psql; else echo "Start it with: make demo, or make up"; exit 1; fi

env: ## the lines that make `wiredesk` work in a shell
	@if [ -x .venv/bin/python ]; then $(RUN) local.env; else echo "Start it with: make demo, or make up" >&2; exit 1; fi

test: install-test ## all tests, on a real Postgres (ARGS="-k name" passes options to pytest)
	@$(RUN) pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

bench: install-bench ## speed and memory beside peers, in one run (ARGS="parse_day fetch_feeds" chooses)
	@$(RUN) benchmarks $(ARGS)

bench-quality: install-bench ## how exact text and metadata of article pages are, beside other extractors
	@$(RUN) benchmarks quality_text quality_metadata

fuzz: install-test ## the nightly search for feeds and HTML that break the parser or the cleaning (CASES=20000)
	@failed=0; for what in feeds pages; do \
		$(RUN) benchmarks.fuzz_$$what --cases $(or $(CASES),20000) $(ARGS) || failed=1; \
	done; exit $$failed

check: install-test ## style, types, who may import whom, SQL
	@failed=; \
	for tool in "ruff check ." "ruff format --check ." "mypy" "lint-imports" "sqlfluff lint sql"; do \
		echo "== $$tool"; .venv/bin/$$tool || failed="$$failed, $$tool"; \
	done; \
	[ -z "$$failed" ] || { echo "failed: $${failed#, }"; exit 1; }

fmt: install-test ## format the Python files
	@.venv/bin/ruff check --select I --fix --quiet .
	@.venv/bin/ruff format .

schema: install-test ## write sql/schema.sql, docs/contract.md and docs/settings.md anew
	@$(RUN) local.schema

lock: install-test ## compile requirements/*.in into *.txt; pins stay unless UPGRADE=1
	@set -e; for name in test run local bench; do \
		constraint="-c requirements/test.txt"; \
		if [ $$name = test ]; then constraint="$(if $(UPGRADE),--upgrade)"; fi; \
		$(COMPILE) requirements/$$name.in $$constraint -o requirements/$$name.txt; \
		echo "requirements/$$name.txt"; \
	done

clean: ## stop everything, then remove .venv, the caches and the local databases
	@if [ -x .venv/bin/python ]; then $(RUN) local.down --remove; fi
	@rm -rf .venv .wiredesk .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@rm -rf plugins/wiredesk.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

install-local:
	@local/install.sh local

install-test:
	@local/install.sh test

install-bench: install-test
	@local/install.sh bench
