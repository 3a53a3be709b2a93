"""Benchmarks: core's mqtt and this integration, alternately, on the same broker."""
