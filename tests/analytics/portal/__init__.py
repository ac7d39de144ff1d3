"""Tests of what the gateway itself answers over HTTP."""
