"""The pages: each `build(subject, wanted)` reads through analytics.queries and returns its components."""
