"""One file a migration; a shipped one is never changed."""
