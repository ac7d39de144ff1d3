"""Tests of analytics.lists."""
