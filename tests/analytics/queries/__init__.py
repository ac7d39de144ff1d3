"""Tests of analytics.queries: on the real engine, through the real rebuild of visits."""
