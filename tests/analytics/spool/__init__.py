"""Tests of analytics.spool."""
