"""The text of the notice in force.

Owns that what is shown is what is acknowledged. Promises: where the snapshot names another notice than the policy this
process loaded, the policy is read again; where it still is another, there is no text, and nobody is asked anything.
"""

import structlog

from analytics.sources.source import Identity
from config.errors import ConfigError
from config.policy import Notice, load_policy

log = structlog.get_logger("fairgate.identity")


class NoticeText:
    """The text of one portal."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._policy, self._tried = identity.policy, identity.policy.notice_version

    @property
    def version(self) -> str:
        """The version in force, by the snapshot."""
        return self._identity.register.snapshot.notice_version

    def now(self) -> Notice | None:
        """The text of that version; None where this process does not have it."""
        version = self.version
        if version not in (self._policy.notice_version, self._tried):
            self._tried = version
            try:
                self._policy = load_policy(self._identity.settings.policy)
            except ConfigError as fault:
                log.error("notice_unreadable", fault=type(fault).__name__)
        return self._policy.notice if version == self._policy.notice_version else None
