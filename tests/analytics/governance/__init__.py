"""Tests of analytics.governance."""
