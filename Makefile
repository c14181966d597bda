# Everything a developer or a newcomer runs. Needs Python >= 3.11 (with venv), git and make; nothing else.
# The first target that needs it makes .venv; later runs find it and install nothing, until pyproject.toml changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo serve test gen gen-check format format-check lint floors types readme check eval bench train clean

help: ## show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(READY) ## a support day against a real server on loopback, start to finish
	@$(BIN)/outguard demo $(ARGS)

serve: $(READY) ## run a server on loopback; prints its address and, once, fresh credentials
	@exec $(BIN)/outguard serve $(ARGS)

test: $(READY) ## run the whole test suite (ARGS="-k name" narrows it)
	@$(BIN)/python -m pytest -n auto $(ARGS)

gen: $(READY) ## regenerate outguard/v1 from protos/
	@$(BIN)/python scripts/gen_protos.py

gen-check: $(READY) ## fail if outguard/v1 is not what protos/ give
	@echo "== generated code"; old=$$(mktemp -d) && trap 'rm -rf "$$old"' EXIT && cp -R outguard/v1/. "$$old" && \
	$(BIN)/python scripts/gen_protos.py && \
	diff -r -q -x __pycache__ "$$old" outguard/v1 || { echo "outguard/v1 was out of date: commit what 'make gen' wrote"; exit 1; }

format: $(READY) ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --select I --fix --quiet .

format-check: $(READY) ## fail if the code is not formatted
	@echo "== format"; $(BIN)/ruff format --check .

lint: $(READY) ## ruff, all rules
	@echo "== lint"; $(BIN)/ruff check .

floors: $(READY) ## imports point downward only
	@echo "== floors"; $(BIN)/lint-imports

types: $(READY) ## mypy --strict
	@echo "== types"; $(BIN)/mypy

readme: $(READY) ## every command, target and link the README names exists
	@echo "== readme"; $(BIN)/python -m pytest -q -p no:randomly tests/cli/test_readme.py

check: gen-check format-check lint floors types readme ## exactly what CI runs
	@echo "== tests"; $(BIN)/python -m pytest -n auto
	@echo "all checks passed"

eval: $(READY) ## score all sets of a folder into docs/quality.md (make eval DATA=DIR) or one file (FILE=replies.jsonl.gz)
	@test -n "$(DATA)$(FILE)" || \
		{ echo "say which: make eval DATA=DIR, or make eval FILE=replies.jsonl.gz [ARGS='--profiles DIR']"; exit 2; }
	@if test -n "$(FILE)"; then $(BIN)/outguard eval $(FILE) $(ARGS); \
	else $(BIN)/outguard eval $(DATA) --report docs/quality.md $(ARGS); fi

bench: $(READY) ## speed beside a bare gRPC echo and Presidio, as ratios in one run (about a minute)
	@$(BIN)/outguard bench $(ARGS)

train: $(READY) ## train, export and measure the encoder (docs/model.md): make train DATA=DIR LABELLED=DIR BASE=DIR OUT=DIR
	@test -n "$(DATA)" -a -n "$(LABELLED)" -a -n "$(BASE)" -a -n "$(OUT)" || \
		{ echo "say from what: make train DATA=DIR LABELLED=DIR BASE=DIR OUT=DIR"; exit 2; }
	@set -e; train="$(BIN)/python scripts/train/train.py --data $(DATA) --labelled $(LABELLED) --base $(BASE)"; \
	$$train --out $(OUT)/names --names-only --pieces 700000 $(ARGS); \
	$$train --out $(OUT)/trunk --start $(OUT)/names/net.pt --skip finance,hospitality,digital,essential --pieces 1700000 $(ARGS); \
	for seed in 7 11; do $$train --out $(OUT)/whole-$$seed --start $(OUT)/trunk/net.pt --seed $$seed $(ARGS); done; \
	$(BIN)/python scripts/train/export.py $(OUT)/whole-7/net.pt $(OUT)/whole-11/net.pt --base $(BASE) --out $(OUT)/outguard_en; \
	$(BIN)/python scripts/train/calibrate.py $(OUT)/outguard_en --data $(DATA); \
	$(BIN)/python scripts/train/card.py $(OUT)/outguard_en --net $(OUT)/whole-7/net.pt --data $(DATA) --labelled $(LABELLED)

clean: ## remove .venv and caches
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "outguard needs Python 3.11 or newer as '$(PYTHON)'; or say which: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "== first run: setting up $(VENV) (two or three minutes; later runs skip this)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "could not make $(VENV): the Python 'venv' module is missing (on Debian: apt install python3-venv)"; rm -rf $(VENV); exit 1; }
	@echo "== installing outguard and its tools"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input -e '.[dev]'
	@touch $@
	@echo "== ready"
