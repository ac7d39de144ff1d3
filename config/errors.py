"""The one root of every error a person can meet.

    FairgateError          says what is wrong, where, and what to do; shown without a traceback, exit status 2
    ├── ConfigError        a setting or policy file (config)
    ├── RecordError        a record that is not in its canonical form (analytics.event, analytics.records)
    ├── StoreError         the store is down, refuses, or answered with an error (analytics.store)
    ├── AccessDenied       a viewer asked for what their role may not see (analytics.queries)
    └── EvidenceError      a bundle, seal or key that cannot be made or does not hold (analytics.evidence)

A class is added only where a caller acts differently on it.
"""


class FairgateError(Exception):
    """A fault explained to the person who meets it: one sentence of what and where, one of what to do."""


class ConfigError(FairgateError):
    """A setting or policy file that cannot be used. Nothing starts half-configured."""


class RecordError(FairgateError):
    """A record that is not in its canonical form, or breaks the rules of its type."""


class StoreError(FairgateError):
    """The store is unreachable, or refused a statement. The spool keeps everything meanwhile."""


class AccessDenied(FairgateError):
    """This viewer may not see this. The refusal is already in the audit log."""


class EvidenceError(FairgateError):
    """Evidence that cannot be made, or does not hold. The message names the row or file."""
