# Every variable given to make (STATE=, ROWS=, ...) reaches the programs through the environment: see .env.sample.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Goals that are given together run in order.
.NOTPARALLEL:
# Variables of the command line as they were typed: make would replace what follows a $ in them.
TYPED := $(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(v)))),$(v)))
$(foreach v,$(TYPED),$(eval override export $(v) := $$(value $(v))))

BUILD := .build
PYTHON := $(BUILD)/venv/bin/python
# These decide what is run, and may be in .env as any other setting.
ifneq ($(wildcard .env),)
DECIDING := $(shell python3 pipeline/dotenv.py RUNTIME ENGINE ENV)
RUNTIME := $(patsubst -,,$(word 1,$(DECIDING)))
ENGINE := $(patsubst -,,$(word 2,$(DECIDING)))
ENV := $(patsubst -,,$(word 3,$(DECIDING)))
endif
ELSEWHERE := $(filter emr databricks,$(ENGINE))
ifeq ($(RUNTIME),docker)
RUN := python3 local/containers.py
else
RUN := $(PYTHON) -m
INSTALLED := setup
SPARK := setup-spark
endif
READY := $(RUN) local ready
VERSION = $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml)
export PYTHONPATH := $(CURDIR)
export PYTHONUNBUFFERED := 1

##@ The pipeline, offline

.PHONY: demo
demo: $(INSTALLED)  ## Everything once: stack, estate, 11,154 rows a table, both lanes, report
	@$(RUN) local demo

.PHONY: emulate
emulate: $(INSTALLED)  ## Send rows through the API into Kafka and S3, or with LANE=stream into Kinesis (DATA= SOURCE= ROWS= RATE= LIMIT= ORDER=)
	@$(READY) emulator

.PHONY: verify
verify: $(INSTALLED)  ## Compare what Kafka, or with LANE=stream Kinesis, holds with what was acknowledged to the emulator
	@$(READY) emulator verify

.PHONY: batch
batch: $(if $(ELSEWHERE),setup,$(INSTALLED)) $(if $(filter spark,$(ENGINE)),$(SPARK))  ## Load what is new in S3 into the tables, analyse, write the report (ENGINE=duckdb|spark, with ENV=aws also emr|databricks)
	@$(if $(ELSEWHERE),$(PYTHON) -m engines,$(READY) jobs batch)

.PHONY: check
check: $(INSTALLED)  ## Fail when the last load is not fit to be published: too much rejected, a topic run dry
	@$(READY) jobs check

.PHONY: dag-test
dag-test: setup-airflow ready  ## Run Airflow's DAG once, its jobs on this machine: load, check and publish as every day
	@$(BUILD)/airflow/bin/python airflow/dag_test.py

.PHONY: stream
stream: $(INSTALLED) $(if $(filter spark,$(ENGINE)),$(SPARK))  ## Load what arrives in Kinesis into the stream lane's tables, until Ctrl-C (ONCE=yes: what is there) (ENGINE=duckdb|spark TRIGGER=)
	@$(READY) jobs stream

.PHONY: parity
parity: $(INSTALLED)  ## Compare the tables of both lanes, row by row
	@$(READY) jobs parity

.PHONY: report
report:  ## Open the report
	@python3 local/open_report.py

.PHONY: export
export: $(INSTALLED)  ## Write a table as JSON lines (TABLE=pin|geo|user|rejected OUT=file.jsonl LANE=batch|stream)
	@$(READY) jobs export

##@ The estate

.PHONY: infra
infra: $(INSTALLED)  ## Make the estate as Terraform describes it: offline, or with ENV=aws in your account (SIZE=)
	@$(RUN) infra apply

.PHONY: plan
plan: $(INSTALLED)  ## Show what `make infra` would do, and what the estate costs a month on AWS
	@$(RUN) infra plan

.PHONY: outputs
outputs: $(INSTALLED)  ## Print the estate's names and addresses as JSON
	@$(RUN) infra outputs

.PHONY: destroy
destroy: $(INSTALLED)  ## Destroy the estate; with ENV=aws you are asked first (CONFIRM=)
	@$(RUN) infra destroy

.PHONY: bootstrap
bootstrap: $(INSTALLED)  ## ENV=aws, once: make the bucket STATE_BUCKET for Terraform's state
	@$(RUN) infra bootstrap

.PHONY: push
push: setup  ## ENV=aws: push the images to the estate's repositories, their digests to Terraform (IMAGES=)
	@$(PYTHON) -m infra push

##@ The offline servers

.PHONY: up
up: $(INSTALLED)  ## Start broker, Connect, REST proxy, LocalStack and the control plane, or find them running
	@$(RUN) local up

.PHONY: status
status: $(INSTALLED)  ## Say whether each part answers, where, and what it holds
	@$(RUN) local status

.PHONY: down
down: $(INSTALLED)  ## Stop the servers; Kafka keeps its data, LocalStack forgets S3, which Kafka then fills anew
	@$(RUN) local down

.PHONY: clean
clean: $(INSTALLED)  ## Stop the servers and delete the STATE folder
	@$(RUN) local clean

.PHONY: ready
ready: $(INSTALLED)
	@$(READY)

##@ In containers: `make <command above> RUNTIME=docker` needs Docker, make and python3 alone

.PHONY: compose-demo
compose-demo: images  ## `make demo` in containers
	@python3 local/containers.py local demo

.PHONY: images
images:  ## Build the images (IMAGES="emulator jobs" for some, BASE_IMAGE=, CA_BUNDLE=)
	@python3 local/containers.py local images

.PHONY: scan
scan:  ## Scan the built images for secrets, root and vulnerabilities (needs trivy; TRIVY_SCANNERS=secret without its database)
	@command -v trivy >/dev/null || { echo "error: trivy is not installed: see trivy.dev" >&2; exit 1; }
	images=$$(docker image ls --filter "reference=pin-pipeline/*:$(VERSION)" --format '{{.Repository}}:{{.Tag}}')
	[[ $$images ]] || { echo "error: no image of version $(VERSION) in the Docker engine: make images" >&2; exit 1; }
	for image in $$images; do
		trivy image --image-src=docker --image-config-scanners=misconfig,secret --severity=CRITICAL,HIGH --ignore-unfixed \
			--ignorefile=.trivyignore.yaml --offline-scan --skip-check-update --timeout=30m --quiet --exit-code=1 "$$image" || bad+=" $$image"
	done
	[[ -z $${bad:-} ]] || { echo "error: trivy refuses$$bad: fix it, or waive it in .trivyignore.yaml with the reason" >&2; exit 1; }

.PHONY: test-images
test-images: setup-dev  ## Tests that need a Docker engine: each image, the lanes in containers, push
	@$(PYTHON) -m pytest tests/images

##@ Development

.PHONY: setup
setup:
	@python3 local/setup.py

.PHONY: setup-spark
setup-spark:
	@python3 local/setup.py --spark

.PHONY: setup-airflow
setup-airflow:
	@python3 local/setup.py --airflow

.PHONY: setup-dev
setup-dev:
	@python3 local/setup.py --dev

.PHONY: test
test: setup-dev  ## Unit tests: no server, no JVM, seconds
	@$(PYTHON) -m pytest -n 2 tests/unit

.PHONY: test-local
test-local: setup-dev  ## All tests that need no cloud account: Java, both engines, Terraform, real servers
	@mvn -B -q -f connect/pom.xml test
	$(PYTHON) -m pytest -n 2 tests/unit tests/terraform tests/locks
	$(BUILD)/airflow/bin/python -m pytest -n 2 tests/airflow
	$(PYTHON) -m pytest -n 2 tests/conformance tests/spark tests/integration

.PHONY: lint
lint: setup-dev  ## ruff, mypy, terraform fmt, checkov, hadolint, the Databricks bundle
	@$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m engines.bundle
	TF_CLI_CONFIG_FILE=/dev/null terraform fmt -check -recursive terraform
	$(BUILD)/venv/bin/hadolint docker/*/Dockerfile
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
docs: setup-dev  ## Write the generated tables of the modules' READMEs and of docs/costs.md
	@$(PYTHON) -m infra.docs

.PHONY: help
help:  ## This list
	@awk 'BEGIN { FS = ":.*##" } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*##/ { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	printf "\nSettings, each a make variable or a line of .env: see .env.sample\n"
