"""Benchmarks: figures measured on this machine, in pairs, with median and spread. `bin/bench` prints the table."""
