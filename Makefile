# Two commands do everything on a fresh machine: `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check install --quiet -c constraints.txt
LIGHT  := $(VENV)/.light
FULL   := $(VENV)/.full

SEEDS  ?= 0,1,2
DATA   ?= digits
JOBS   ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check check-types format chain ranks zoo speed goldens wheel clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(FULL) ## set up, then train the attention net on real digits by Xprop and by backprop
	$(BIN)/exnet compile specs/attention.exn
	$(BIN)/exnet train specs/attention.exn --data $(DATA) --seeds $(SEEDS) --out runs/demo-xprop --overwrite
	$(BIN)/exnet train specs/attention.exn --data $(DATA) --seeds $(SEEDS) --rule backprop --out runs/demo-backprop --overwrite

test: $(FULL) ## set up, then lint, check types and run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/pytest -n 2

test-all: $(FULL) ## the long form of the tests
	$(BIN)/pytest -n 2 -m ""

check: $(LIGHT) ## the fast checks, without torch
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python exnet/source exnet/language exnet/spec exnet/graph exnet/lint exnet/plan exnet/compiler.py
	$(BIN)/exnet lint specs exnet/spec/blocks
	$(BIN)/exnet fmt --check specs exnet/spec/blocks
	$(BIN)/pytest tests/source tests/language tests/spec

chain: $(FULL) ## the chains of 64 and 256: recall of the first token, every rule and component
	$(BIN)/python benchmarks/chain.py

ranks: $(FULL) ## two processes: data-parallel and vertex-parallel steps, and what they extrapolate to
	$(BIN)/python benchmarks/ranks.py --write-docs
	$(BIN)/python benchmarks/ranks.py --extrapolate --write-docs

zoo: $(FULL) ## every spec by every method, three seeds; goes on where it was (MNIST=folder adds MNIST)
	$(BIN)/python benchmarks/zoo.py --jobs $(JOBS)

speed: $(FULL) ## a step on the standard workloads beside its peers, as ratios; a table (about ten minutes)
	$(BIN)/python benchmarks/speed.py

goldens: $(FULL) ## rewrite golden files and generated docs; review the difference
	$(BIN)/pytest --update-golden tests/plan tests/language tests/source tests/view tests/docs/test_tutorial.py
	$(BIN)/python -m exnet.cli.codes
	$(BIN)/python -m exnet.cli.schema

format: $(LIGHT) ## apply the formatters
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/exnet fmt specs exnet/spec/blocks

wheel: $(LIGHT) ## build sdist and wheel
	$(BIN)/python -m build

clean: ## remove what the targets made
	rm -rf $(VENV) build dist runs

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)

$(LIGHT): $(BIN)/pip pyproject.toml constraints.txt
	$(PIP) -e '.[test]'
	@touch $@

$(FULL): $(LIGHT)
	$(PIP) -e '.[torch,test]'
	@touch $@
