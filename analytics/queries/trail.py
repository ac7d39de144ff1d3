"""Who looked at whom, and why.

Owns `audit_trail`. Promises: the Chair and the Auditor read all of it; a staff member reads what concerns them.
"""

from datetime import date
from typing import Final

import pandas as pd

from analytics.governance.audit import Action
from analytics.governance.governance import Governance
from analytics.governance.roles import Role
from analytics.queries.london import day_bounds, london_texts
from analytics.queries.reading import Reading

_COLUMNS: Final = ("seq", "ts_ms", "who", "role", "session", "whom", "what", "why", "purpose", "span", "query")


def audit_trail(reading: Reading, first_day: date, last_day: date, limit: int = 1000) -> pd.DataFrame:
    """Audit entries of these London days, newest first, at most `limit`.

    Columns: seq, ts_ms, who (account id), role, session, whom (person or account id), what, why, purpose, span,
    query ("" where it has none), when (London), who_name, whom_name.

    Raises:
        AccessDenied: not for this viewer.
    """
    reading.on_school("audit_trail")
    own = reading.viewer.person_id or "nobody" if reading.viewer.role is Role.STAFF else None
    reading.note_look(own or "", Action.LOOKED_AT_AUDIT, f"{first_day} to {last_day}")
    begin, end = day_bounds(first_day, last_day)
    entries = reading.governance.audit.entries(whom=own, from_ms=begin, until_ms=end, limit=limit)
    plain = [{name: entry.detail.get(name, getattr(entry, name, "")) for name in _COLUMNS} for entry in entries]
    return _named(pd.DataFrame(plain, columns=list(_COLUMNS)), reading.governance)


def _named(frame: pd.DataFrame, governance: Governance) -> pd.DataFrame:
    names = {account.account_id: account.name for account in governance.accounts.all()}
    names |= {person.person_id: person.name for person in governance.people.all()}
    frame["when"] = london_texts(frame["ts_ms"])
    frame["who_name"] = frame["who"].map(lambda who: names.get(who, who)).astype("str")
    frame["whom_name"] = frame["whom"].map(lambda whom: names.get(whom, whom)).astype("str")
    return frame
