# A fresh Debian or Ubuntu needs git, make and a Swift 6.3 toolchain; `make deps` brings the rest.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# On Linux the Swift libraries are linked into the program: it starts a third faster, and needs no toolchain where it runs.
RELEASE = -c release $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib)

PACKAGES = libpcap-dev zlib1g-dev libzstd-dev
HEADERS = pcap/pcap.h zlib.h zstd.h
DEMO = SampleCaptures/aka-registration.pcapng

.PHONY: all deps build release demo test nightly fuzz bench bench-large bench-page gate renderers lint docs matrix install uninstall clean

all: build

# Installs the C libraries whose headers the compiler does not find; does nothing when all are there.
deps:
	@if [ "$$(uname -s)" = Darwin ]; then \
	  echo "libpcap and zlib come with the macOS SDK; zstd comes with: brew install zstd pkg-config"; \
	elif for h in $(HEADERS); do echo "#include <$$h>"; done | clang -E -x c - >/dev/null 2>&1; then \
	  :; \
	elif command -v apt-get >/dev/null && command -v dpkg >/dev/null; then \
	  missing=""; \
	  for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  [ -z "$$missing" ] || $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing \
	    || { $$sudo apt-get update && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing; }; \
	else \
	  echo "needed: the headers of libpcap, zlib and zstd (Debian: $(PACKAGES); Fedora: libpcap-devel zlib-devel libzstd-devel)" >&2; \
	  exit 1; \
	fi

build: deps
	$(SWIFT) build

release: deps
	$(SWIFT) build $(RELEASE) --product imstrace

demo: release
	"$$($(SWIFT) build -c release --show-bin-path)/imstrace" check --exit-zero $(DEMO)

test: deps
	$(SWIFT) test

# What takes too long for every change: each byte of a recorded registration flipped and each of its packets cut at every
# byte, some 110 000 analyses; `make test` takes one in some hundreds of them. And 60 000 subscribers, 20 times, in lanes
# that are slow at random. Optimised, or it would take a day.
nightly: deps
	IMSTRACE_NIGHTLY=1 $(SWIFT) test -c release -Xswiftc -enable-testing --filter 'FlipTests|LanesTests'

# Frames, reassembly, SIP, Diameter and capture files under libFuzzer, ten minutes each at the least; what it kept and
# counted is written to Tests/Fuzz, which `make test` replays. TARGETS=sip for one of them.
fuzz: deps
	SWIFT="$(SWIFT)" Tests/Fuzz/run $(TARGETS)

# Throughput and peak memory beside other readers, and each part of the work for itself; BENCH_REGISTRATIONS=1000 for a small
# capture (some 28 kB each). What was measured is written to a file too, to be compared with that of another day.
BENCH_RESULTS ?= .build/bench.json
bench: release
	$(SWIFT) build $(RELEASE) --product imstrace-bench
	bin="$$($(SWIFT) build -c release --show-bin-path)" && SWIFT="$(SWIFT)" "$$bin/imstrace-bench" run "$$bin/imstrace" \
	  registrations=$(BENCH_REGISTRATIONS) turns=$(BENCH_TURNS) results=$(BENCH_RESULTS)

# The goals of a gigabyte, in captures of up to eight as far as the temporary folder has room: an hour or so.
# BENCH_MEGABYTES=20 BENCH_TURNS=2 takes two minutes.
BENCH_LARGE_RESULTS ?= .build/bench-large.json
bench-large: release
	$(SWIFT) build $(RELEASE) --product imstrace-bench
	bin="$$($(SWIFT) build -c release --show-bin-path)" && SWIFT="$(SWIFT)" "$$bin/imstrace-bench" large "$$bin/imstrace" \
	  megabytes=$(BENCH_MEGABYTES) turns=$(BENCH_TURNS) results=$(BENCH_LARGE_RESULTS)

# Puts what `make bench` and `make bench-large` measured last into docs/performance.md, and draws docs/performance.svg.
bench-page:
	$(SWIFT) build $(RELEASE) --product imstrace-bench
	bin="$$($(SWIFT) build -c release --show-bin-path)" && \
	  "$$bin/imstrace-bench" page docs/performance.md $(wildcard $(BENCH_RESULTS) $(BENCH_LARGE_RESULTS)) && \
	  { [ ! -e $(BENCH_LARGE_RESULTS) ] || "$$bin/imstrace-bench" plot $(BENCH_LARGE_RESULTS) docs/performance.svg; }

# Instructions and allocations against Tests/Benchmarks/thresholds.txt; RECORD=1 writes that file anew.
gate: deps
	SWIFT="$(SWIFT)" RELEASE="$(RELEASE)" .ci/gate $(if $(RECORD),--record)

# Every diagram of every sample, read by plantuml, mscgen, Mermaid and a browser, as far as they are installed.
renderers: release
	Tests/Renderers/check "$$($(SWIFT) build -c release --show-bin-path)/imstrace"

lint:
	$(SWIFT) format lint --strict -r Sources Tests Package.swift

# The pages of docs/rules are made from the rules themselves, by the tests that check them.
docs: deps
	-RECORD=1 $(SWIFT) test --filter CatalogueTests
	$(SWIFT) test --skip-build --filter CatalogueTests

# docs/rules/matrix.md and docs/rules/mutations.md are made by the tests that check them; the first needs ../shared/captures.
matrix: deps
	-RECORD=1 $(SWIFT) test --filter MatrixTests
	$(SWIFT) test --skip-build --filter MatrixTests

install: release
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$$($(SWIFT) build -c release --show-bin-path)/imstrace" "$(DESTDIR)$(PREFIX)/bin/imstrace"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/imstrace"

clean:
	$(SWIFT) package clean
