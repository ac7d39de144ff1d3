"""Looks: which person's data a viewer saw, written once into the audit log.

Owns the rule of "once": a look is one entry for each (session, person, purpose, reason, span), where the span is the
totals page on one London day of looking, one looked-at day, or one range of rows. So a page that refreshes itself
does not fill the log, and every day of somebody's life that was opened stands in it. Without a session (command line)
every look is an entry of its own.
"""

from analytics.governance.audit import Act, Action, Audit
from analytics.governance.database import Database, Work
from analytics.governance.models import LookRow
from analytics.governance.roles import Viewer


class Looks:
    """The looks at one school."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def note(self, viewer: Viewer, what: Action, *, whom: str, purpose: str, why: str, span: str) -> None:
        """`viewer` looks at `whom` ("" for everybody they may see), for `purpose`, because of `why`, over `span`."""
        if viewer.session_id:
            with self._database.read() as work:
                if _known(work, viewer, whom, purpose, why, f"{what} {span}"):
                    return
        with self._database.write() as work:
            self._write(work, viewer, what, whom, purpose, why, span)

    def _write(self, work: Work, viewer: Viewer, what: Action, whom: str, purpose: str, why: str, span: str) -> None:
        key = f"{what} {span}"
        if viewer.session_id:
            if _known(work, viewer, whom, purpose, why, key):
                return
            work.add(LookRow(session_id=viewer.session_id, whom=whom, purpose=purpose, why=why, span=key))
        act = Act(
            what=what,
            who=viewer.account_id,
            role=viewer.role,
            session=viewer.session_id,
            whom=whom,
            why=why,
            detail={"purpose": purpose, "span": span},
        )
        self._audit.append(work, act)


def _known(work: Work, viewer: Viewer, whom: str, purpose: str, why: str, span: str) -> bool:
    return work.get(LookRow, (viewer.session_id, whom, purpose, why, span)) is not None
