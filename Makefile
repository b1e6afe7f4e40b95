# Everything is done by the scripts in Scripts/; this file gives them short names.
#
#   make run                 a server, three workers and a study on this machine, with the dashboard
#   make run ARGS=--exit     the same, ending by itself: status 0 only if every assignment completed

ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup build test lint format bench run clean

help:
	@sed -n 's/^## \([a-z]*\): /  make \1	/p' $(MAKEFILE_LIST) | expand -t 16

## setup: install what building and testing need and is not there
setup:
	@Scripts/setup

## build: build in release: .build/release/muster
build:
	@Scripts/setup build
	@Scripts/release muster

## test: format, imports, every test, the real browser, the real processes
test:
	@Scripts/test

## lint: format and imports alone
lint:
	@Scripts/lint
	@Scripts/imports

## format: write every source in the one format
format:
	@Scripts/format

## bench: measure, as ratios within one run
bench:
	@Scripts/setup bench
	@Benchmarks/run $(ARGS)

## run: a whole fleet on this machine, to look at
run:
	@Scripts/run $(ARGS)

## clean: remove what was built
clean:
	swift package clean
	rm -rf build
