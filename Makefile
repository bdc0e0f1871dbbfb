# cargo puts everything here; CARGO_TARGET_DIR is honoured
TARGET := $(or $(CARGO_TARGET_DIR),target)

# docs.rs-like strictness for our own pages only
export RUSTDOCFLAGS ?= -D warnings

.PHONY: help demo test install setup

help: ## show this
	@echo "make demo     build, and forecast the next 7 days of datasets/demand.csv"
	@echo "make test     format, lints, tests, documentation, examples"
	@echo "make install  put forecast on the PATH (cargo install)"

setup:
	@scripts/check
	@scripts/libtorch

demo: setup
	cargo build --release --bin forecast
	"$(TARGET)/release/forecast" --csv datasets/demand.csv --horizon 7
	@echo "pictures: demand-forecast/forecast.png and demand-forecast/loss.png"

test: setup
	cargo fmt --check
	cargo clippy --release --all-targets -- -D warnings
	scripts/run-tests
	cargo test --release --doc
	cargo doc --no-deps --release
	scripts/run-examples

install: setup
	cargo install --path . --locked
