"""Measuring time and memory: what the commands in ``tools/benchmarks`` share."""
