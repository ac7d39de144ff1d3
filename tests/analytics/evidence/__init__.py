"""Tests of analytics.evidence."""
