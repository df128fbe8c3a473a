# `make help` lists the targets, from the words behind ## beside them. Each sets up .venv by itself when it is missing,
# or older than requirements.lock or pyproject.toml.

PYTHON ?= python3
STUDY ?= quick
DATA ?=
ifeq ($(origin CORES),undefined)
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
endif
PROFILE ?= local
SCALE ?=
MORE ?=
SPINE_DATA ?=
FILMS ?=
# Not from the environment, where other programs keep something of these names.
OUT =
NETWORK =
# Of the machine that `make gpu-wheels` fetches for.
CARD_PYTHON = 3.12
# As they were typed: make would read $ in a folder's name as a variable, or run a command in it. Recipes name them
# with $$, so that the shell sees words and never a line to run; those of MORE end at blanks.
TYPED := PYTHON STUDY DATA CORES PROFILE SCALE MORE SPINE_DATA FILMS OUT NETWORK CARD_PYTHON
$(foreach name,$(TYPED),$(eval override $(name) := $$(value $(name))))
export $(filter-out PYTHON,$(TYPED))

# When this began, set-up included: a study says how long it took from here to its end.
override SPINE_BEGAN := $(shell date +%s)
study: export SPINE_BEGAN := $(SPINE_BEGAN)

BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv-peers
# Wheels that were carried to a machine with a card, and the environment that they and its own packages make there.
WHEELS = $(wildcard .wheels/*.whl)
CARD := .venv-card
NOTEBOOKS = $(wildcard notebooks/*.ipynb)
STRIP := $(BIN)/nbstripout --extra-keys "metadata.papermill cell.metadata.papermill"

.PHONY: study read help test cluster attacks lint docs lab calibration publish results bench gpu gpu-wheels publish-gpu peers lock

study: $(READY)  ## a study as pages: STUDY=quick DATA=folder SCALE=small CORES=n PROFILE=local|slurm|kubernetes MORE='words for Snakemake'
	@set -f; $(BIN)/python -m spinelib study run "$$STUDY" --cores "$$CORES" --data="$$DATA" --profile="$$PROFILE" $(if $(value SCALE),--scale="$$SCALE") $(if $(value MORE),-- $$MORE)

read: $(READY)  ## outlines and Cobb angles of your films: FILMS=folder OUT=folder NETWORK=film|lateral|mr
	@# 1: some film could not be used, and was named; the rest is there.
	@$(BIN)/python -m spinelib read $${NETWORK:+--network="$$NETWORK"} -- "$$FILMS" "$$OUT" || [ $$? -eq 1 ]

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

# One OpenMP thread each: two busy processes with two threads each were seen to slow each other down forty times.
test: lint  ## lint, types and every test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --cov=spinelib --cov-report=
	@echo "tests reach $$($(BIN)/python -m coverage report --format=total) % of spinelib's lines;" \
	    "which not: .venv/bin/coverage report --skip-covered --show-missing"

# A SLURM of one node on loopback and a stand-in for Kubernetes: what became of every job.
cluster: $(READY)  ## studies on a SLURM of one node and a stand-in for Kubernetes
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/cluster -v --no-header > reports/published/cluster.txt; \
	    status=$$?; cat reports/published/cluster.txt; exit $$status

# All that docs/how-to/reliability.md promises; whole studies are run for it, many times over.
attacks: $(READY)  ## studies killed, damaged and with hostile names, and every other promise of reliability
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.attacks -v

lint: $(READY)  ## lint, types and notebooks without outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(if $(NOTEBOOKS),$(STRIP) --verify $(NOTEBOOKS))

# docs/api/index.html works offline; the picture is that of docs/architecture.md.
docs: $(READY)  ## API pages in docs/api and the picture of the storeys
	$(BIN)/python docs/storeys.py
	$(BIN)/python -m pdoc spinelib --output-directory docs/api

lab: $(READY)  ## the notebooks in JupyterLab
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks

calibration: $(READY)  ## can the tests and intervals be trusted? into reports/published/calibration
	OMP_NUM_THREADS=1 $(BIN)/python -m spinelib.statistics --into reports/published/calibration

publish: $(READY)  ## keep the tables and figures of a study in the repository: STUDY=quick MORE=--allow-dirty
	@set -f; $(BIN)/python -m spinelib.report.publish "reports/$$STUDY" $$MORE
	@$(BIN)/python -m spinelib.report.results

# docs/results from what is published: needs neither data nor runs.
results: $(READY)  ## docs/results from what is published
	@$(BIN)/python -m spinelib.report.results

# Beside the peers of `make peers` where they are installed; names those that are not.
bench: $(READY)  ## speed beside other libraries
	$(if $(wildcard $(PEERS)/.ready),$(PEERS)/bin/python,$(BIN)/python) -m benchmarks

# On a machine with a network in .venv; on one without, with PYTHON's own torch and what `make gpu-wheels` fetched.
gpu: $(if $(WHEELS),$(CARD)/.ready,$(READY))  ## all that needs a graphics card, in ten minutes, into reports/gpu: MORE=--dry without one
	@set -f; $(if $(WHEELS),$(CARD)/bin,$(BIN))/python -m benchmarks.card $$MORE

gpu-wheels: $(READY)  ## fetch into .wheels what a machine with a card and torch but no network lacks: CARD_PYTHON=3.12
	rm -rf .wheels
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest .wheels \
	    --python-version "$$CARD_PYTHON" $(foreach n,1 2014 _2_17 _2_27 _2_28,--platform manylinux$(n)_x86_64) \
	    $$($(BIN)/python -m benchmarks.card.needs)

publish-gpu: $(READY)  ## keep what `make gpu` found, with its machine, and write docs/results anew
	@$(BIN)/python -m benchmarks.card.publish
	@$(BIN)/python -m spinelib.report.results

$(CARD)/.ready: $(WHEELS)
	rm -rf $(CARD)
	$(PYTHON) -m venv --without-pip $(CARD)
	@$(PYTHON) -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
	    > "$$($(CARD)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/own.pth"
	$(CARD)/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps $(WHEELS)
	$(CARD)/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	$(CARD)/bin/python -m ipykernel install --sys-prefix --name spinelib --display-name spinelib
	@touch $@

peers: $(PEERS)/.ready  ## install those other libraries

# Sees what .venv has: torch is 5 GB and is not installed twice.
$(PEERS)/.ready: benchmarks/peers.txt $(READY)
	rm -rf $(PEERS)
	$(BIN)/python -m venv --without-pip $(PEERS)
	@$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
	    > "$$($(PEERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/study.pth"
	$(BIN)/python -m pip --python $(PEERS)/bin/python install --quiet --disable-pip-version-check --no-deps \
	    --requirement benchmarks/peers.txt
	@touch $@

# Extras stay in it: pip, held to hashes, does not take "a[b]" for pinned by "a".
lock: $(READY)  ## renew the pinned versions and their hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --upgrade --no-emit-index-url \
	    --generate-hashes --no-strip-extras --no-annotate --custom-compile-command "make lock" pyproject.toml \
	    --output-file requirements.lock

$(READY): requirements.lock pyproject.toml
	@if [ ! -x $(BIN)/python ]; then \
	  $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
	    echo "error: '$(PYTHON)' is not Python 3.11, 3.12 or 3.13. Name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }; \
	  $(PYTHON) -m venv .venv || { rm -rf .venv; \
	    echo "error: '$(PYTHON)' cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }; \
	fi
	@$(BIN)/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
	  echo "error: .venv holds no working Python 3.11, 3.12 or 3.13. Remove it: rm -rf .venv"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade
	@echo "setting up .venv: $$(grep -c '^[a-zA-Z]' requirements.lock) packages, once, some minutes; after Ctrl-C the same command goes on"
	@{ PYTHONUNBUFFERED=1 $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes \
	    --requirement requirements.lock; echo "ended $$?"; } | { found=0; while read -r word rest; do case $$word in \
	    Collecting) found=$$((found + 1)); [ $$((found % 20)) -ne 0 ] || echo "  $$found packages found";; \
	    Downloading) case $$rest in *[0-9][0-9][0-9].[0-9]' MB'*) echo "  downloading $${rest##*/}";; esac;; \
	    Installing) case $$rest in collected*) echo "  installing them";; esac;; \
	    ended) exit $$rest;; esac; done; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m ipykernel install --sys-prefix --name spinelib --display-name spinelib
	@touch $@
