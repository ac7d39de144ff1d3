"""The tests mirror the source and read as its specification."""
