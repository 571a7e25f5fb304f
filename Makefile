# The two commands: `make demo` and `make test`. Both set up what they need; again starts in seconds.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WANTED := -c constraints.txt -e '.[dev]'
PATIENT := -o faulthandler_timeout=7200
BROWSER_TESTS := tests/browser tests/accounts tests/placements tests/web

# Python keeps what it has compiled, also where the machine says otherwise: tests start many processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test soak lint types contracts translations sbom audit format clean

demo: $(STAMP)
	$(BIN)/matchsvc demo $(DEMO)

test: $(STAMP)
	$(BIN)/pytest -n auto --db=sqlite -m "not browser"
	$(BIN)/pytest -n auto --db=postgres -m "not browser and not sqlite_only"
	$(BIN)/pytest -n auto --dist loadfile --db=sqlite -m browser $(BROWSER_TESTS)

soak: $(STAMP)
	SOAK=1 $(BIN)/pytest -n auto --db=sqlite -m "not browser" $(PATIENT)
	SOAK=1 $(BIN)/pytest -n auto --dist loadfile --db=sqlite -m browser $(PATIENT) $(BROWSER_TESTS)

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/hadolint deploy/Containerfile

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

translations: $(STAMP)
	$(BIN)/python scripts/missing_translations.py

# What the product is made of, with licences: var/sbom.cdx.json.
sbom: $(STAMP)
	$(BIN)/python scripts/sbom.py

# Known weaknesses of what we lock; says so when the index does not answer.
audit: $(STAMP)
	$(BIN)/python scripts/audit.py

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt uv
	# Where only pip knows the way to the packages, pip fetches them.
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python $(WANTED) || $(BIN)/pip install --quiet $(WANTED)
	touch $(STAMP)

clean:
	rm -rf $(VENV) var
