"""The store: one contract, kept by every backend."""
