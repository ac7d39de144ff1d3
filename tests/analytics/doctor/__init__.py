"""Tests of what a technician must mend."""
