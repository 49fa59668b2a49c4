# Night One. `make` alone says what there is. What a target needs and cargo does not bring, it installs into .venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# A missing toolchain or target must fail at once: nothing here fetches one behind your back (`cargo lambda` would).
export RUSTUP_DIST_SERVER := http://127.0.0.1:9
# The acceptance tests wait for the simulated AWS, at the pace that the real one allows, far more than they compute.
export RUST_TEST_THREADS := 8

EVENT ?=
# Processor of `make build`: x86_64 or arm64. Only the first is tested here.
ARCH ?= x86_64
PYTHON ?= python3
FUNCTIONS := $(notdir $(wildcard functions/*))

LAMBDA_TARGET_x86_64 := --x86-64
LAMBDA_TARGET_arm64 := --arm64

# Python tools, pinned: in a virtual environment or, where Python cannot make one, in a folder. A stamp says what is installed.
CFN_LINT := cfn-lint==1.51.0
CARGO_LAMBDA := cargo-lambda==1.9.2
ZIG := ziglang==0.17.1
LINT_STAMP := .venv/$(CFN_LINT).stamp
BUILD_STAMP := .venv/$(CARGO_LAMBDA)-$(ZIG).stamp
IN_VENV := PATH="$(CURDIR)/.venv/bin:$(CURDIR)/.venv/lib/bin:$$PATH" PYTHONPATH="$(CURDIR)/.venv/lib"

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Play two nights against a simulated AWS account, or one event: make run EVENT=events/x.json
	cargo build --workspace --bins
	cargo run --quiet --package tests --bin demo -- $(EVENT)

.PHONY: test
test: fmt-check clippy unit lint-template ## Everything that must hold before a change is taken

.PHONY: lint
lint: fmt-check clippy lint-template ## Formatting, clippy and the template, without running tests

.PHONY: fmt
fmt: ## Format the Rust code
	cargo fmt --all

.PHONY: bench
bench: ## Measure: cold start, warm invoke, storms, memory (release build)
	PROFILE=release cargo run --release --package tests --bin bench

.PHONY: build
build: $(BUILD_STAMP) ## Build the functions as zips for Lambda, in target/lambda (ARCH=arm64: not tested here)
	@[ -n "$(LAMBDA_TARGET_$(ARCH))" ] || { echo "ARCH is x86_64 or arm64, not $(ARCH)" >&2; exit 1; }
	@for function in $(FUNCTIONS); do \
	  $(IN_VENV) cargo lambda build --release $(LAMBDA_TARGET_$(ARCH)) --package "$$function" --bin "$$function" --output-format zip; \
	  stat --format '%n: %s bytes' "$${CARGO_TARGET_DIR:-target}/lambda/$$function/bootstrap.zip"; \
	done

# The answers of the first time are in samconfig.toml; without the name of a stack in it there are none yet.
.PHONY: deploy
deploy: $(BUILD_STAMP) ## Build and deploy with the SAM CLI and your credentials; asks the first time
	$(IN_VENV) sam build
	@if grep --quiet --no-messages '^stack_name' samconfig.toml; then sam deploy; else sam deploy --guided; fi

.PHONY: clean
clean: ## Remove what was built and installed here
	rm -rf .venv target .aws-sam

.PHONY: fmt-check clippy unit lint-template
fmt-check:
	cargo fmt --all --check

clippy:
	cargo clippy --workspace --all-targets --locked -- --deny warnings

unit:
	cargo test --workspace --locked

lint-template: $(LINT_STAMP)
	$(IN_VENV) cfn-lint template.yaml

$(LINT_STAMP):
	$(call install,$(CFN_LINT))

$(BUILD_STAMP):
	$(call install,$(CARGO_LAMBDA) $(ZIG))

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
