"""The core: what an event is, whose it was, what it meant; spool, store, queries, governance, evidence."""
