# Every variable given to make (STATE=, ROWS=, ...) reaches the programs through the environment: see .env.sample.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BUILD := .build
PYTHON := $(BUILD)/venv/bin/python
export PYTHONPATH := $(CURDIR)
export PYTHONUNBUFFERED := 1

##@ The pipeline, offline

.PHONY: demo
demo: setup  ## Everything once: stack, estate, 11,154 rows a table, both lanes, report
	@$(PYTHON) -m local demo

.PHONY: emulate
emulate: ready  ## Send rows through the API into Kafka and S3, or with LANE=stream into Kinesis (DATA= SOURCE= ROWS= RATE= LIMIT= ORDER=)
	@$(PYTHON) -m emulator

.PHONY: verify
verify: ready  ## Compare what Kafka, or with LANE=stream Kinesis, holds with what was acknowledged to the emulator
	@$(PYTHON) -m emulator verify

.PHONY: batch
batch: ready  ## Load what is new in S3 into the tables, analyse, write the report
	@$(PYTHON) -m jobs batch

.PHONY: stream
stream: ready  ## Load what arrives in Kinesis into the stream lane's tables, until Ctrl-C (ONCE=yes: what is there) (TRIGGER=)
	@$(PYTHON) -m jobs stream

.PHONY: parity
parity: ready  ## Compare the tables of both lanes, row by row
	@$(PYTHON) -m jobs parity

.PHONY: report
report:  ## Open the report
	@$(PYTHON) -m webbrowser -t "file://$$(realpath $${STATE:-.state})/report/index.html"

.PHONY: export
export: ready  ## Write a table as JSON lines (TABLE=pin|geo|user|rejected OUT=file.jsonl LANE=batch|stream)
	@$(PYTHON) -m jobs export

##@ The estate

.PHONY: infra
infra: setup  ## Make the estate as Terraform describes it: offline, or with ENV=aws in your account (SIZE=)
	@$(PYTHON) -m infra apply

.PHONY: plan
plan: setup  ## Show what `make infra` would do, and what the estate costs a month on AWS
	@$(PYTHON) -m infra plan

.PHONY: outputs
outputs: setup  ## Print the estate's names and addresses as JSON
	@$(PYTHON) -m infra outputs

.PHONY: destroy
destroy: setup  ## Destroy the estate; with ENV=aws you are asked first (CONFIRM=)
	@$(PYTHON) -m infra destroy

.PHONY: bootstrap
bootstrap: setup  ## ENV=aws, once: make the bucket STATE_BUCKET for Terraform's state
	@$(PYTHON) -m infra bootstrap

##@ The offline servers

.PHONY: up
up: setup  ## Start broker, Connect, REST proxy, LocalStack and the control plane, or find them running
	@$(PYTHON) -m local up

.PHONY: status
status: setup  ## Say whether each part answers, where, and what it holds
	@$(PYTHON) -m local status

.PHONY: down
down: setup  ## Stop the servers; Kafka keeps its data, LocalStack forgets S3, which Kafka then fills anew
	@$(PYTHON) -m local down

.PHONY: clean
clean: setup  ## Stop the servers and delete the STATE folder
	@$(PYTHON) -m local clean

.PHONY: ready
ready: setup
	@$(PYTHON) -m local ready

##@ Development

.PHONY: setup
setup:
	@python3 local/setup.py

.PHONY: setup-dev
setup-dev:
	@python3 local/setup.py --dev

.PHONY: test
test: setup-dev  ## Unit tests: no server, no JVM, seconds
	@$(PYTHON) -m pytest -n 2 tests/unit

.PHONY: test-local
test-local: setup-dev  ## All tests that need no cloud account: Java, Spark, Terraform, real servers
	@mvn -B -q -f connect/pom.xml test
	$(PYTHON) -m pytest -n 2 tests/unit tests/terraform
	$(PYTHON) -m pytest -n 2 tests/spark tests/integration

.PHONY: lint
lint: setup-dev  ## ruff, mypy, terraform fmt, checkov
	@$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	TF_CLI_CONFIG_FILE=/dev/null terraform fmt -check -recursive terraform
	# It asks nobody for a newer release, and what it cannot read is an error.
	CKV_SKIP_PACKAGE_UPDATE_CHECK=true CKV_PARSE_ERROR_FAIL=true \
	$(BUILD)/checkov/bin/checkov --directory terraform --framework terraform --skip-download --quiet --compact

.PHONY: bench
bench: setup-dev  ## Measure every target beside its baseline, and print the table
	@$(PYTHON) -m bench

.PHONY: lock
lock: setup-dev  ## Lock the Python requirements and the jars anew
	@$(PYTHON) -m local.lock

.PHONY: docs
docs: setup-dev  ## Write the tables in the modules' READMEs and docs/costs.md anew
	@$(PYTHON) -m infra.module_docs
	$(PYTHON) -m infra.costs

.PHONY: help
help:  ## This list
	@awk 'BEGIN { FS = ":.*##" } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*##/ { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	printf "\nSettings, each a make variable or a line of .env: see .env.sample\n"
