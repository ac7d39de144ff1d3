"""What the demonstration school's staff asked, and what its Headteacher decided, as if it had been done by hand.

Owns no rights: every act goes through the register's own checks, in the name of whoever it is for. Only the moments
are invented, so that the invented history falls under the permissions; the audit log keeps the true time.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from analytics.demonstration.cast import BY_KEY, HEADTEACHER, LUNCH, PERMITS, REQUESTS
from analytics.demonstration.member import Request
from analytics.governance.governance import Governance
from analytics.governance.roles import Viewer
from analytics.snapshot import Window
from config.policy import Policy

_DAY_MS: Final = 24 * 3_600_000
_WAITING_DAYS: Final = 33
"""The undecided requests were made so long after the first ones: a day or two ago."""


class Known(Protocol):
    """Somebody who was enrolled."""

    @property
    def person_id(self) -> str: ...


def decide_permissions(governance: Governance, people: Mapping[str, Known], policy: Policy, began_ms: int) -> None:
    """Grant what is for everybody, ask what was asked and answer what was answered, from `began_ms` on."""
    headteacher = _viewer(governance, HEADTEACHER)
    lunch = [Window(weekday=weekday, start=LUNCH[0], end=LUNCH[1]) for weekday in range(5)]
    for permit in PERMITS:
        governance.permissions.grant(
            headteacher,
            people[permit.member].person_id if permit.member else None,
            policy=policy,
            reason=permit.why,
            categories=permit.categories,
            windows=lunch if permit.slot_only else (),
            now=began_ms,
        )
    for request in REQUESTS:
        _ask(governance, headteacher, request, policy, began_ms)


def _ask(governance: Governance, headteacher: Viewer, request: Request, policy: Policy, began_ms: int) -> None:
    asked_ms = began_ms if request.answer else began_ms + _WAITING_DAYS * _DAY_MS
    requests = governance.permission_requests
    request_id = requests.ask(
        _viewer(governance, request.member),
        policy=policy,
        why=request.why,
        categories=request.categories,
        hosts=request.sites,
        windows=[Window(weekday=weekday, start=request.start, end=request.end) for weekday in request.weekdays],
        now=asked_ms,
    )
    if request.answer == "granted":
        requests.grant(headteacher, request_id, policy=policy, reason=request.answer_why, now=asked_ms)
    elif request.answer == "refused":
        requests.refuse(headteacher, request_id, request.answer_why, now=asked_ms)


def _viewer(governance: Governance, key: str) -> Viewer:
    accounts = {account.username: account.account_id for account in governance.accounts.all()}
    return governance.viewer(accounts[BY_KEY[key].username])
