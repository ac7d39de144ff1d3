"""Tests of analytics.bindings."""
