"""Figures: pure functions from a DataFrame to a `Chart`. They read nothing, know no viewer, and hold no state."""
