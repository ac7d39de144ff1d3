"""Ending sessions: what role changes, closed accounts and new passwords have in common.

Owns how a session row is ended; who may have one stands in analytics.governance.sign_in.
"""

from typing import cast

from sqlalchemy import CursorResult, update

from analytics.governance.database import Work
from analytics.governance.models import SessionRow


def end_sessions(work: Work, account_id: str, why: str, now: int) -> int:
    """End every open session of the account, and say how many there were."""
    open_ones = update(SessionRow).where(SessionRow.account_id == account_id, SessionRow.ended_ms == 0)
    return cast("CursorResult[object]", work.execute(open_ones.values(ended_ms=now, ended_why=why))).rowcount
