"""The pages viewers see. Reads through analytics.queries only."""
