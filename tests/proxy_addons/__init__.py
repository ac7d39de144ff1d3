"""Tests of proxy_addons."""
