"""Tests of where `fairgate identity` learns who is where."""
