"""The demonstration's parts, each by itself."""
