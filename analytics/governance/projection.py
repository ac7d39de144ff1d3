"""What people acknowledged at the gateway, taken into governance: once each, with its own time and channel.

Owns that. Promises: taken in as often as it is read, it is written once; nothing is taken in of somebody whom
governance does not know; each is in the audit log.
"""

from typing import Final

import structlog
from sqlalchemy import select

from analytics.governance.audit import SYSTEM, Act, Action
from analytics.governance.database import Work
from analytics.governance.governance import Governance
from analytics.governance.ids import new_id
from analytics.governance.models import AcknowledgementRow, PersonRow
from analytics.governance.roles import Told
from analytics.store import EventStore

GATEWAY: Final = "gateway"
"""Who recorded an acknowledgement that was given at the gateway."""
_ACKNOWLEDGED: Final = """
SELECT DISTINCT person_id, notice_version, ts_ms, how FROM acknowledgements
WHERE school = {school:String} ORDER BY ts_ms, person_id
"""
_CHANNELS: Final = {"page_visit": Told.PAGE} | {
    str(told): told for told in (Told.PORTAL_PROBE, Told.DHCP_PORTAL, Told.PORTAL_SIGN_IN, Told.PROXY_SIGN_IN)
}

type _Key = tuple[str, str, int]

log = structlog.get_logger("fairgate.governance")


def project_acknowledgements(governance: Governance, store: EventStore) -> int:
    """Take in what the store holds and governance does not; how many were taken in.

    Raises:
        StoreError: the store is down.
    """
    rows = store.arrow(_ACKNOWLEDGED, {"school": governance.school}).to_pylist()
    found = {(row["person_id"], row["notice_version"], row["ts_ms"]): row["how"] for row in rows}
    with governance.database.write() as work:
        columns = (AcknowledgementRow.person_id, AcknowledgementRow.policy_version, AcknowledgementRow.told_ms)
        known = {(row[0], row[1], row[2]) for row in work.execute(select(*columns))}
        people = set(work.scalars(select(PersonRow.person_id)))
        fresh = {key: how for key, how in found.items() if key not in known and key[0] in people}
        for key, how in fresh.items():
            _take(governance, work, key, how)
    if strangers := {key[0] for key in found} - people:
        log.warning("acknowledgements_of_strangers", people=len(strangers))
    return len(fresh)


def _take(governance: Governance, work: Work, key: _Key, how: str) -> None:
    person_id, version, told_ms = key
    told = _CHANNELS.get(how, Told.PAGE)
    row = AcknowledgementRow(
        acknowledgement_id=new_id("k"),
        person_id=person_id,
        policy_version=version,
        told_ms=told_ms,
        how=str(told),
        recorded_by=GATEWAY,
    )
    work.add(row)
    detail: dict[str, str | int] = {"policy_version": version, "how": str(told), "told_ms": told_ms, "at": GATEWAY}
    governance.audit.append(work, Act(what=Action.TOLD, who=SYSTEM, whom=person_id, detail=detail))
