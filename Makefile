# Night One. `make` alone says what there is. What a target needs and cargo does not bring, it installs into .venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# A missing toolchain or target must fail at once: nothing here fetches one behind your back (rustup and `cargo lambda` would). What is
# wanted, and how to get it, is said by tests/toolchain.
export RUSTUP_AUTO_INSTALL := 0
export RUSTUP_DIST_SERVER := http://127.0.0.1:9
# What SAM is used for here is nobody's business.
export SAM_CLI_TELEMETRY := 0

EVENT ?=
# Another story of `make run`: azure, operations or organization.
STORY ?=
# Parts of `make bench`; without any, all.
PARTS ?=
# Processor of `make build`, `make sam-build`, `make package` and `make deploy`: x86_64 or arm64. Only the first is tested here.
ARCH ?= x86_64
# Of `make deploy`: who is paged, the name of the stack, further parameters ("ReportHour=5 Name=night-one-b"), and where SAM keeps the code
# (--resolve-s3: a bucket that SAM makes). Not from the environment: an EMAIL that is there for another tool would replace a subscription.
EMAIL =
STACK = night-one
PARAMETERS =
BUCKET = --resolve-s3
PYTHON ?= python3
FUNCTIONS := $(notdir $(wildcard functions/*))

LAMBDA_TARGET_x86_64 := --x86-64
LAMBDA_TARGET_arm64 := --arm64

# Python tools, pinned: in a virtual environment or, where Python cannot make one, in a folder. A stamp says what is installed.
CFN_LINT := cfn-lint==1.58.0
SAM_CLI := aws-sam-cli==1.170.0
CARGO_LAMBDA := cargo-lambda==1.9.2
ZIG := ziglang==0.17.1
# Its parser reads every command of mails and docs. PyPI has version 1 alone.
AWS_CLI := awscli==1.46.3
# Drives a Chromium that is there, and brings axe-core.
PLAYWRIGHT := playwright==1.65.2
AXE := axe-playwright-python==0.1.8
SAM_STAMP := .venv/$(CFN_LINT)-$(SAM_CLI).stamp
BUILD_STAMP := .venv/$(CARGO_LAMBDA)-$(ZIG).stamp
CLI_STAMP := .venv/$(AWS_CLI).stamp
BROWSER_STAMP := .venv/$(PLAYWRIGHT)-$(AXE).stamp
IN_VENV := PATH="$(CURDIR)/.venv/bin:$(CURDIR)/.venv/lib/bin:$$PATH" PYTHONPATH="$(CURDIR)/.venv/lib"

# SAM in `make test` must depend on nothing of this machine: neither on a profile or a Region, nor on the internet. It asks PyPI for its
# newest version and has no switch for that, so it gets a proxy that is not there. What it keeps for itself it keeps in .venv.
SAM_ALONE := env -u AWS_PROFILE -u AWS_DEFAULT_PROFILE AWS_CONFIG_FILE=/dev/null https_proxy=http://127.0.0.1:9 \
  __SAM_CLI_APP_DIR="$(CURDIR)/.venv/sam" $(IN_VENV)

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: toolchain ## Play two nights against a simulated AWS account, one of Azure (STORY=azure), of 40 accounts (STORY=organization) or of operations (STORY=operations), or one event (EVENT=events/x.json)
	cargo build --locked $(addprefix --bin ,$(FUNCTIONS) demo)
	cargo run --quiet --locked --bin demo -- $(if $(STORY),--story $(STORY),$(EVENT))

# That jobs failed is what is asked for, and no failure of make: see the exit codes of the program.
.PHONY: why
why: toolchain ## Say why your own jobs fail: aws backup list-backup-jobs | make why
	@cargo build --locked --package classification --example classify
	@cargo run --quiet --locked --package classification --example classify -- --why || [[ $$? == [13] ]]

.PHONY: test
test: toolchain ## Everything that must hold before a change is taken
	@tests/steps

.PHONY: browser
browser: ## Look at the pages of the night that the tests leave, in a real browser, where there is one
	@tests/browser/run

# The whole fault matrix, and SEEDS random nights from FIRST_SEED on. A night that breaks an invariant is printed at once, and again at the end.
SEEDS ?= 10000
FIRST_SEED ?= 0
# A night waits far more than it computes. More of them than two cores bear would miss their time limits.
AT_ONCE ?= 100

.PHONY: soak
soak: toolchain ## Play all of the fault matrix and SEEDS random nights, AT_ONCE side by side (10000: about an hour on two quiet cores)
	PROFILE=release CELLS=all cargo test --locked --package tests --test acceptance matrix:: -- --nocapture
	PROFILE=release AT_ONCE=$(AT_ONCE) SEEDS=$(SEEDS) FIRST_SEED=$(FIRST_SEED) cargo test --locked --package tests --test acceptance soak:: -- --nocapture

.PHONY: lint
lint: fmt-check clippy lint-template ## Formatting, clippy and the template, without running tests

.PHONY: fmt
fmt: toolchain ## Format the Rust code
	cargo fmt --all

# The Python function that it measures against publishes with boto3, which SAM brings.
.PHONY: bench
bench: toolchain $(SAM_STAMP) ## Measure: cold start, storms, calls, memory, and which goals are held (release build; PARTS="verify report")
	PROFILE=release cargo run --locked --release --package tests --bin bench -- $(PARTS)

# `cargo lambda deploy` would take a binary that `make sam-build` left there, however old it is, before the zip.
.PHONY: build
build: toolchain $(BUILD_STAMP) ## Build the functions as zips for Lambda, in target/lambda (ARCH=arm64: not tested here)
	@[ -n "$(LAMBDA_TARGET_$(ARCH))" ] || { echo "ARCH is x86_64 or arm64, not $(ARCH)" >&2; exit 1; }
	@for function in $(FUNCTIONS); do \
	  rm -f "$${CARGO_TARGET_DIR:-target}/lambda/$$function/bootstrap"; \
	  $(IN_VENV) cargo lambda build --release $(LAMBDA_TARGET_$(ARCH)) --package "$$function" --bin "$$function" --output-format zip; \
	  stat --format '%n: %s bytes' "$${CARGO_TARGET_DIR:-target}/lambda/$$function/bootstrap.zip"; \
	done

.PHONY: sam-build
sam-build: toolchain $(SAM_STAMP) $(BUILD_STAMP) ## Build the functions as `make deploy` does, in .aws-sam/build, and deploy nothing
	$(IN_VENV) sam build --parameter-overrides Architecture=$(ARCH)
	@stat --format '%n: %s bytes' .aws-sam/build/*/bootstrap

# It asks nothing. A parameter that is not named keeps the value that the stack has. Nested stacks are the reason of CAPABILITY_AUTO_EXPAND.
.PHONY: deploy
deploy: sam-build ## Build, and deploy with your credentials (EMAIL=you@example.com the first time; PARAMETERS="ReportHour=5")
	$(IN_VENV) sam deploy --stack-name $(STACK) $(BUCKET) --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-confirm-changeset \
	  --no-fail-on-empty-changeset --parameter-overrides Architecture=$(ARCH) $(if $(EMAIL),AlertEmail=$(EMAIL)) $(PARAMETERS)

.PHONY: deploy-members
deploy-members: $(SAM_STAMP) ## Make the StackSets of deploy/organization.yaml with your credentials (PARAMETERS: docs/organization.md)
	$(IN_VENV) sam deploy --template-file deploy/organization.yaml --stack-name $(STACK)-members $(BUCKET) --no-confirm-changeset \
	  --no-fail-on-empty-changeset --parameter-overrides $(PARAMETERS)

.PHONY: package
package: build $(SAM_STAMP) ## Leave in target/package what Terraform, StackSets and plain CloudFormation deploy
	$(IN_VENV) deploy/package target/package "$${CARGO_TARGET_DIR:-target}/lambda"

.PHONY: clean
clean: ## Remove what was built and installed here
	rm -rf .venv target .aws-sam

.PHONY: toolchain fmt-check clippy compile acceptance nights unit lint-template commands sam-check browser-tools
toolchain:
	@tests/toolchain

fmt-check: toolchain
	@tests/toolchain fmt
	cargo fmt --all --check

clippy: toolchain
	@tests/toolchain clippy
	cargo clippy --workspace --all-targets --locked -- --deny warnings

# The driver of clippy compiles as rustc does and lints on the way: `make clippy` before it would check all dependencies once more, for minutes.
# CLIPPY_ARGS is how `cargo clippy -- --deny warnings` hands its arguments on.
compile acceptance nights unit: export RUSTC_WORKSPACE_WRAPPER := clippy-driver
compile acceptance nights unit: export CLIPPY_ARGS := --deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__

# Neither a main.rs nor a comment holds a test (tests/tests/house/build_settings.rs): to link and run them would take a third of the time.
compile: toolchain
	@tests/toolchain clippy
	cargo build --workspace --locked --bins --examples
	cargo test --workspace --locked --lib --test '*' --no-run

# They wait for the simulated clouds, at the pace that the real ones allow, far more than they compute.
acceptance: toolchain
	RUST_TEST_THREADS=64 cargo test --workspace --locked --test acceptance -- --format=terse --skip $(NIGHTS)

# The longest night takes two minutes on any machine: they begin with the other acceptance tests and not, by their name, behind them.
NIGHTS := soak::whatever
nights: toolchain
	cargo test --workspace --locked --test acceptance -- --format=terse $(NIGHTS)

# The names of the files of tests, but for acceptance.
unit: toolchain
	cargo test --workspace --locked --lib --test '[!a]*' --test 'a[!c]*' -- --format=terse

# All rules in one Region, and in all Regions whether the resources exist there. All rules in all Regions take minutes: `make lint-regions`.
# Both tools would take the Region of the environment, and know fewer resources in some.
TEMPLATES := template.yaml $(wildcard deploy/*.yaml)
lint-template: $(SAM_STAMP)
	$(IN_VENV) cfn-lint --regions us-east-1 --template $(TEMPLATES)
	$(IN_VENV) tests/sam/regions $(TEMPLATES)
	$(SAM_ALONE) sam validate --lint --region us-east-1

.PHONY: lint-regions
lint-regions: $(SAM_STAMP) ## All rules of cfn-lint in each Region that it knows, for all templates: minutes
	@for region in $$($(IN_VENV) python3 -c 'from cfnlint.helpers import REGIONS; print(*REGIONS)'); do \
	  echo "$$region"; $(IN_VENV) cfn-lint --regions "$$region" --template $(TEMPLATES); \
	done

commands: $(CLI_STAMP)
	$(IN_VENV) python3 tests/commands/check

sam-check: toolchain $(SAM_STAMP)
	$(SAM_ALONE) tests/sam/check

browser-tools: $(BROWSER_STAMP)

$(SAM_STAMP):
	$(call install,$(CFN_LINT) $(SAM_CLI))

$(BUILD_STAMP):
	$(call install,$(CARGO_LAMBDA) $(ZIG))

$(CLI_STAMP):
	$(call install,$(AWS_CLI))

$(BROWSER_STAMP):
	$(call install,$(PLAYWRIGHT) $(AXE))

# $(1): requirements. The stamp is written last, so that an interrupted installation is done again.
define install
	@echo "installing $(1) into .venv"
	@if [ ! -x .venv/bin/pip ] && [ ! -d .venv/lib/bin ]; then $(PYTHON) -m venv .venv || rm -rf .venv; fi
	@if [ -x .venv/bin/pip ]; then \
	  .venv/bin/pip install --quiet --disable-pip-version-check $(1); \
	else \
	  echo "Python cannot make a virtual environment here: a folder will do"; \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade --target .venv/lib $(1); \
	fi
	@touch "$@"
endef
