"""Measurements, each with a `measure()`; run by make bench."""
