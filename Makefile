# Each target works as the first command in a fresh checkout: Python 3.11 or later and make are all it takes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PO := queue/locale/zh_CN/LC_MESSAGES/jiaohao.po
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test slow long whole-day fuzz bench lint rules pictures looks catalog constraints clean

help:
	@echo "make run          install, load config.toml and open the program"
	@echo "make test         the tests, on SQLite and on a PostgreSQL that comes with them"
	@echo "make slow         the tests that take minutes"
	@echo "make long         operations and servers killed, days of a real size, for minutes"
	@echo "make fuzz         hostile words, files, messages and requests, for MINUTES=60 (docs/fuzzing.md)"
	@echo "make whole-day    a day of 150 windows and 10,000 visitors, and one of 100 processes, for minutes"
	@echo "make bench        how fast it is: a table, bench-*.json, and whether every limit holds"
	@echo "make lint         ruff, and mypy on the installed wheel"
	@echo "make rules        each rule of tests/rules.txt with the tests that drive it"
	@echo "make pictures     a picture of every screen, into docs/pictures/"
	@echo "make looks        every screen as text, into tests/looks/"
	@echo "make catalog      bring the translations up to date with the sources"
	@echo "make constraints  pin every package anew within the bounds of pyproject.toml (UPGRADE=1: to the newest)"
	@echo "make clean        remove all that these made"

# Two stamps: the packages only change with their list, the project with its description and its translations.
$(VENV)/packages: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "jiaohao needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	@echo "installing the packages of constraints.txt into $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --quiet --require-hashes --no-deps -r constraints.txt
	@touch $@

$(VENV)/project: $(VENV)/packages pyproject.toml setup.py $(PO)
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(PIP) check
	@touch $@

install: $(VENV)/project

run: install
	@$(BIN)/jiaohao init
	@$(BIN)/jiaohao

# Half as many more workers than there are cores: a test of a screen waits for frames most of its time.
test: install
	$(PYTEST) -n $$(($$(getconf _NPROCESSORS_ONLN) * 3 / 2))

slow: install
	$(PYTEST) -m "slow and alone"
	$(PYTEST) -m "slow and not alone and not long" -n $$(($$(getconf _NPROCESSORS_ONLN) * 3 / 2))

# Too long for every change; a part of it is among the slow ones. None hangs before twenty minutes are over.
long: install
	$(PYTEST) -m long -o faulthandler_timeout=1200

MINUTES ?= 60
fuzz: install
	@PYTHONPATH=tests $(BIN)/python tests/fuzz.py $(MINUTES)

# Among the long ones these days are smaller. A whole one is no test that hangs before it has taken an hour.
whole-day: install
	JIAOHAO_WHOLE_DAY=1 $(PYTEST) -m slow -o faulthandler_timeout=3600 --durations=0 tests/test_real_day.py

# Every program is run, also after one whose limit does not hold.
bench: install
	@code=0; for program in tests/bench/bench_*.py; do \
		PYTHONPATH=tests $(BIN)/python $$program || code=1; \
	done; exit $$code

# What is checked is what users get: the wheel, installed. Old builds would leak deleted files into it.
lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@rm -rf build
	@$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir build/wheel .
	@$(PIP) install --quiet --no-deps --no-index --target build/installed build/wheel/*.whl
	cd build/installed && MYPYPATH=. ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache -p jiaohao

rules: install
	@$(BIN)/python tests/rules_report.py

pictures: install
	$(BIN)/python tests/pictures.py

looks: install
	JIAOHAO_WRITE_LOOKS=1 $(PYTEST) -m look -n $$(($$(getconf _NPROCESSORS_ONLN) * 3 / 2)) tests/test_looks.py

# Without dates, names and line numbers, which would change with every run.
catalog: install
	@mkdir -p build
	@$(BIN)/pybabel --quiet extract --no-location --sort-output --project=jiaohao --output=build/jiaohao.pot queue store tui
	@$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --no-wrap --domain=jiaohao --locale=zh_CN \
		--input-file=build/jiaohao.pot --output-file=$(PO)
	@sed -E '/^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By):/d' \
		$(PO) > build/jiaohao.po
	@mv build/jiaohao.po $(PO)
	@$(BIN)/pybabel compile --statistics --locale=zh_CN --input-file=$(PO) --output-file=$(PO:.po=.mo)

# Every file of every version, for every platform. Without UPGRADE=1 only what must change does.
constraints:
	@$(PYTHON) -m venv build/uv
	@build/uv/bin/python -m pip --disable-pip-version-check install --quiet uv
	@build/uv/bin/uv --no-config --system-certs --quiet pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-annotate --custom-compile-command 'make constraints' \
		$(if $(UPGRADE),--upgrade) --output-file constraints.txt
	@echo "constraints.txt: $$(grep -c == constraints.txt) packages"

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find queue store tui tests -name __pycache__ -type d -prune -exec rm -rf {} +
	find queue/locale -name '*.mo' -delete
