# The whole developer interface. `make up` and `make test` need Python >= 3.11 and nothing else.

PYTHON ?= python3
RUN = .venv/bin/python
# Dozens of processes are started: what one compiles serves the others.
export PYTHONDONTWRITEBYTECODE =

.PHONY: up down test check check-types check-rest fmt messages lock bootstrap bootstrap-dev

up: bootstrap ## start everything in the foreground: make up PORT=8001 DEMO=0
	@exec $(RUN) manage.py up

down: ## stop what a command left running
	@test ! -x $(RUN) || exec $(RUN) manage.py down

test: bootstrap-dev ## the whole suite
	@$(RUN) -m pytest -n 3 --dist worksteal -rs -p no:cacheprovider $(ARGS); status=$$?; \
	$(RUN) manage.py down --tests; exit $$status

check: bootstrap-dev ## what a machine can tell about the code
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-rest

check-types:
	$(RUN) -m mypy

check-rest:
	$(RUN) -m pip check
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	$(RUN) -m djlint templates --lint --quiet
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py messages --check
	@$(RUN) -m pytest --collect-only -qq -p no:cacheprovider > .state/collected.txt || { cat .state/collected.txt; exit 1; }

fmt: bootstrap-dev ## format Python
	$(RUN) -m ruff check --fix-only --quiet .
	$(RUN) -m ruff format --quiet .

messages: bootstrap-dev ## bring the message files up to date with the source
	$(RUN) manage.py messages

lock: bootstrap-dev ## pin every dependency of a dependency, with hashes
	$(RUN) -m pip install --quiet uv
	$(RUN) -m uv pip compile --universal --generate-hashes --python-version 3.11 -q requirements.in -o requirements.txt
	$(RUN) -m uv pip compile --universal --generate-hashes --python-version 3.11 -q requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(RUN) -m uv pip compile --universal --generate-hashes --python-version 3.11 -q requirements-node.in -o requirements-node.txt

bootstrap:
	@$(PYTHON) scripts/bootstrap.py

bootstrap-dev:
	@$(PYTHON) scripts/bootstrap.py --dev
