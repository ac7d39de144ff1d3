"""Attacks on what Fairgate promises, each of which must fail."""
