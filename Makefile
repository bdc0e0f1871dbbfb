# cargo puts everything here; CARGO_TARGET_DIR is honoured
TARGET := $(or $(CARGO_TARGET_DIR),target)

# docs.rs-like strictness for our own pages only
export RUSTDOCFLAGS ?= -D warnings

# all that a release has; one set of features for each target, so that nothing is compiled twice
FEATURES := --features serve
export FEATURES

# where archives are written, and the level of zstd, from 1 (fast) to 19 (small)
DIST ?= dist
LEVEL ?= 19
PYTHON ?= python3
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
ARCHIVE = $(DIST)/forecast-$(VERSION)-$$(uname -m)-linux.tar.zst

.PHONY: help demo test test-library test-report dist test-dist container wheel test-python test-engines gallery bench install setup m4 pretrain pretrain-check

help: ## show this
	@echo "make demo     build, and forecast the next 7 days of datasets/demand.csv"
	@echo "make test     format, lints, tests, documentation, examples"
	@echo "make test-library  a program that uses the library without default features"
	@echo "make test-report   report.html and the page of a service in a browser (installs chromium and node on Debian)"
	@echo "make dist     an archive with the program and its libraries, which runs where it is unpacked"
	@echo "make test-dist     the same, then tests the archive with the home folder, libtorch and the compiler's folder hidden"
	@echo "make container     a container with the archive, built by podman or buildah"
	@echo "make wheel    the Python package with the program and its libraries, in dist"
	@echo "make test-python   the Python package: lints, types, tests, and its wheel in a new environment"
	@echo "make test-engines  forecasts on Spark and Ray with several workers (installs OpenJDK 17 on Debian)"
	@echo "make gallery  the pictures of docs/gallery.md and docs/rnn.md, drawn again (needs chromium)"
	@echo "make bench    speed of reading, windows, training, prediction"
	@echo "make install  put forecast on the PATH (cargo install)"
	@echo "make pretrain DATA=DIR  the networks of --model pretrained, trained again on the M4 competition's series"
	@echo "make pretrain-check DATA=DIR  the same on a tenth of the series, compared with the networks that ship"
	@echo "make m4 DATA=DIR  the M4 competition's series beside the published scores (needs numpy and polars)"

setup:
	@scripts/check
	@scripts/libtorch

demo: setup
	cargo build --release $(FEATURES) --bin forecast
	"$(TARGET)/release/forecast" --csv datasets/demand.csv --horizon 7
	@echo "pictures: demand-forecast/forecast.png and demand-forecast/loss.png"

test: setup
	cargo fmt --check
	cargo clippy --release $(FEATURES) --all-targets -- -D warnings
	scripts/run-tests
	cargo test --release $(FEATURES) --doc
	cargo doc --no-deps --release $(FEATURES)
	scripts/run-examples
	scripts/check-licences

# the library without the command line and the pictures: a program that uses it, its documentation, its lints
test-library: setup
	cargo clippy --release --lib --no-default-features -- -D warnings
	cargo doc --release --no-deps --lib --no-default-features
	# the same versions as the crate itself, so that nothing is compiled twice
	cp Cargo.lock tests/library_user/Cargo.lock
	cargo run --release --manifest-path tests/library_user/Cargo.toml --target-dir "$(abspath $(TARGET))"

# report.html and the page of a service in a browser: errors, requests, values under the pointer, sorting, narrow screens, paper, barriers
test-report: setup
	cargo build --release $(FEATURES) --bin forecast
	scripts/test-report "$(abspath $(TARGET))/release/forecast"

dist: setup
	cargo build --release $(FEATURES) --bin forecast
	scripts/dist "$(abspath $(TARGET))/release/forecast" --folder "$(DIST)" --level $(LEVEL)

test-dist: dist
	scripts/test-dist "$(ARCHIVE)"
	scripts/test-container "$(ARCHIVE)"

container: dist
	scripts/container "$(ARCHIVE)" "forecast:$(VERSION)"

# hatchling builds it with what PYTHON has, or in an environment of its own
wheel: dist
	FORECAST_ARCHIVE="$$(realpath "$(ARCHIVE)")" $(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir "$(DIST)" ./python
	@ls -l "$(DIST)"/*.whl

test-python: dist
	scripts/test-python "$(TARGET)/release/forecast" "$(ARCHIVE)" "$(abspath $(TARGET))/python"

test-engines: setup
	cargo build --release $(FEATURES) --bin forecast
	scripts/test-engines "$(TARGET)/release/forecast" "$(abspath $(TARGET))/engines"

# each picture of the docs comes from a command of its page
gallery: setup
	cargo build --release $(FEATURES) --bin forecast
	scripts/gallery "$(abspath $(TARGET))/release/forecast"

bench: setup
	cargo bench $(FEATURES)

install: setup
	cargo install --path . --locked $(FEATURES)

# DATA is the folder of the M4 series, which do not ship
pretrain: setup
	@test -n "$(DATA)" || { echo "error: the folder of the M4 series is missing" >&2; echo "hint: make pretrain DATA=DIR, with DIR/m4_yearly_train.parquet and others" >&2; exit 2; }
	cargo run --release $(FEATURES) --example pretrain -- "$(DATA)" src/model/global/weights

pretrain-check: setup
	@test -n "$(DATA)" || { echo "error: the folder of the M4 series is missing" >&2; echo "hint: make pretrain-check DATA=DIR, with DIR/m4_yearly_train.parquet and others" >&2; exit 2; }
	FORECAST_M4="$(abspath $(DATA))" cargo test --release $(FEATURES) --test it -- --ignored --nocapture a_tenth_of_the_series_of_m4

# PYTHON one that has numpy and polars
m4: setup
	@test -n "$(DATA)" || { echo "error: the folder of the M4 series is missing" >&2; echo "hint: make m4 DATA=DIR; scripts/m4 --help says what it holds" >&2; exit 2; }
	cargo build --release $(FEATURES) --bin forecast
	"$(PYTHON)" scripts/m4 "$(DATA)" --binary "$(TARGET)/release/forecast"
