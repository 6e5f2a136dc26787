# make help prints what there is. Settings are in the README, section "Set-up".
VENV ?=
PYTHON ?=
STACK ?= released
WORKERS ?= 2
DEMO_ARGS ?=
PYTEST_ARGS ?=

# The set-up script needs some Python 3.10 or newer; it then chooses the one to work with.
BOOT := $(shell for candidate in "$(PYTHON)" "$(VENV)/bin/python" .venv/bin/python \
	python3.11 python3.12 python3.10 python3 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 \
	&& { echo "$$candidate"; break; }; done)
SETUP = "$(BOOT)" tools/environment/setup_env.py $(if $(VENV),--venv "$(VENV)") \
	$(if $(PYTHON),--python "$(PYTHON)") --stack "$(STACK)"

# Several workers share the cores, so each gets one thread. Fixed seeds: the same run every time.
TEST_THREADS = $(if $(filter-out 0 1,$(WORKERS)),OMP_NUM_THREADS=1 MKL_NUM_THREADS=1)
TEST_SEEDS = PYTHONHASHSEED=0 CUBLAS_WORKSPACE_CONFIG=:4096:8

.PHONY: help env demo test lint docs clean clean-env boot
.DEFAULT_GOAL := help

help:
	@echo "make env        make the environment, or complete it; compiles mmcv once (10 to 30 minutes)"
	@echo "make demo       renders rooms, trains two networks, compares them: ten minutes, no download"
	@echo "make test       the environment if needed, then the tests"
	@echo "make lint       ruff and mypy"
	@echo "make docs       the documentation's site, in docs/_build/html"
	@echo "make clean      remove what builds and tests leave behind"
	@echo "make clean-env  remove .venv (the compiled mmcv stays in the user's cache)"
	@echo
	@echo "VENV=folder         environment to use, or to make (.venv, or .venv-onedl)"
	@echo "PYTHON=interpreter  the one to make it from; one inside an environment is used as it is"
	@echo "STACK=onedl         OneDL's maintained forks in place of the released OpenMMLab packages"
	@echo "WORKERS=2           test processes; 0 runs the tests in one"
	@echo "DEMO_ARGS=...       arguments of tools/demo.py, such as '--out folder'"
	@echo "PYTEST_ARGS=...     further arguments of pytest, such as '-k losses'"

boot:
	@test -n "$(BOOT)" || { echo "error: no Python 3.10 or newer was found; install Python 3.11" \
	"(with its venv module), or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }

env: boot
	@$(SETUP)

demo: boot
	@$(SETUP) --run tools/demo.py $(DEMO_ARGS)

test: boot
	@$(TEST_SEEDS) $(TEST_THREADS) $(SETUP) --run -m pytest -n $(WORKERS) --hypothesis-seed=0 \
	$(PYTEST_ARGS)

lint: boot
	@$(SETUP) --run -m ruff check .
	@$(SETUP) --run -m ruff format --check .
	@$(SETUP) --run -m mypy
	@$(SETUP) --run -m mypy tools/environment

docs: boot
	@$(SETUP) --run -m sphinx -b html -W --keep-going -q docs docs/_build/html
	@echo "open docs/_build/html/index.html"

clean:
	rm -rf build dist docs/_build *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

clean-env:
	@test ! -e .venv || test -e .venv/pyvenv.cfg || test -e .venv/.mmaux_setup \
	|| { echo "error: .venv is not a virtual environment; not removed" >&2; exit 1; }
	rm -rf .venv
