"""The only door to what was recorded: a viewer, a purpose, and what that opens.

Owns the check before each query, its refusal, and the look that is noted. The store is reached through a `Grant`
alone, and a grant binds the school and whom it is of to the query's parameters, so no query can ask about anybody
else. Promises: a refusal raises `AccessDenied` and is in the audit log; a look at a person is in the audit log
before the first row is read, once as analytics.governance.looks says; whoever lost the role is refused within a second.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analytics.governance.audit import Action
from analytics.governance.governance import Governance
from analytics.governance.people import StaffMember
from analytics.governance.roles import Viewer
from analytics.queries.access import (
    NEED_REASON,
    QUERIES,
    Disclosure,
    LookPurpose,
    Register,
    may_disclose,
    must_be_told,
    subjects,
)
from analytics.queries.attention import Rule
from analytics.queries.london import london_today
from analytics.queries.register import read_register
from analytics.store import EventStore, Parameter
from config.errors import AccessDenied

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Grant", "LookPurpose", "Reading", "Rule"]

KEPT_S: Final = 1.0
"""How long a `Reading` goes on by what it read of roles, people and notices."""
_NOT_YOURS: Final = "This person's data is not for you to see, or there is no such person."
_NOT_TOLD: Final = "Not yet told: nothing is shown of people who were not told of the policy."


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to run one query. Its parameters `school`, and `person_id` or `people`, are bound here and nowhere else."""

    _store: EventStore
    bound: Mapping[str, Parameter]
    people: tuple[StaffMember, ...] = ()
    """Whom it is of, told or not; the bound ones are those whose data may be shown."""
    shown: frozenset[str] = frozenset()

    def frame(self, sql: str, **params: Parameter) -> "pd.DataFrame":
        """The answer to `sql` as a DataFrame.

        Raises:
            StoreError: the store is down, or refused the query.
        """
        return self._store.query(sql, {**params, **self.bound})

    def over_people(self) -> "Grant":
        """The same leave, for a query that binds `people` where this binds `person_id`."""
        one: Parameter = sorted(self.shown)
        return Grant(self._store, {**self.bound, "people": one}, self.people, self.shown)

    def arrow(self, sql: str, **params: Parameter) -> "pa.Table":
        """The answer to `sql` as Arrow: exact, absent stays null.

        Raises:
            StoreError: the store is down, or refused the query.
        """
        return self._store.arrow(sql, {**params, **self.bound})


class Reading:
    """One viewer's reading for one purpose. Make one for each request: what it knows of rights is kept for a second."""

    def __init__(
        self,
        store: EventStore,
        governance: Governance,
        viewer: Viewer,
        purpose: LookPurpose,
        reason: str = "",
        *,
        rule: Rule,
    ) -> None:
        """`rule` is the policy's, by which the overview says who needs attention."""
        self._store, self.governance = store, governance
        self.viewer, self.purpose = viewer, LookPurpose(purpose)
        self.rule = rule
        self.reason = " ".join(reason.split())
        self._known: tuple[float, Register] | None = None
        self._noted: set[tuple[str, str, str]] = set()

    def on_school(self, query: str) -> Grant:
        """Leave to run a query that is of nobody in particular.

        Raises:
            AccessDenied: not for this role and purpose.
        """
        self.check(query)
        return Grant(self._store, {"school": self.governance.school})

    def on_people(self, query: str) -> Grant:
        """Leave to run a query over everybody whose data is for this viewer; the look is noted.

        Raises:
            AccessDenied: not for this role and purpose.
        """
        register = self.check(query)
        theirs = subjects(self.viewer, register)
        people = tuple(person for person in register.people.values() if person.person_id in theirs)
        shown = theirs & register.told if must_be_told(self.purpose) else theirs
        self.note_look("", Action.LOOKED_AT_TOTALS, f"totals, seen on {london_today()}")
        return Grant(self._store, {"school": self.governance.school, "people": sorted(shown)}, people, shown)

    def on_person(self, query: str, person_id: str, action: Action | None, span: str = "") -> Grant:
        """Leave to run a query over one person; the look is noted as `action` over `span`, unless `action` is None.

        Raises:
            AccessDenied: not for this role and purpose, not this person, or they were not told yet.
        """
        register = self.check(query, person_id)
        if person_id not in register.people or person_id not in subjects(self.viewer, register):
            raise self._refused(query, person_id, _NOT_YOURS)
        if must_be_told(self.purpose) and person_id not in register.told:
            raise self._refused(query, person_id, _NOT_TOLD)
        if action is not None:
            self.note_look(person_id, action, span)
        bound = {"school": self.governance.school, "person_id": person_id}
        return Grant(self._store, bound, (register.people[person_id],), frozenset((person_id,)))

    def note_look(self, whom: str, action: Action, span: str) -> None:
        """Write into the audit log that this viewer looks at `whom` ("" for everybody they may see)."""
        key = (whom, str(action), span)
        if key not in self._noted:
            self.governance.looks.note(
                self.viewer, action, whom=whom, purpose=str(self.purpose), why=self.reason, span=span
            )
            self._noted.add(key)

    def check(self, query: str, person_id: str = "") -> Register:
        """Whether this query is open to the viewer at all; what is known of people and roles.

        Raises:
            AccessDenied: not for this role and purpose.
        """
        disclosure, role, register = QUERIES[query], self.viewer.role, self._register()
        if role not in register.held:
            raise self._refused(query, person_id, f"You no longer act as {role.label}. Sign in again.")
        if not may_disclose(role, self.purpose, disclosure):
            raise self._refused(query, person_id, f"This is not open to you as {role.label} for this purpose.")
        if self.purpose in NEED_REASON and not self.reason and disclosure is not Disclosure.FRESHNESS:
            raise self._refused(query, person_id, "Say why you look: this needs a reason, which is put on record.")
        return register

    def _register(self) -> Register:
        now = time.monotonic()
        if self._known is None or now - self._known[0] > KEPT_S:
            self._known = (now, read_register(self.governance, self.viewer))
        return self._known[1]

    def _refused(self, query: str, person_id: str, sentence: str) -> AccessDenied:
        self.governance.audit.record(
            self.viewer.account_id,
            person_id if person_id in self._register().people else None,
            Action.REFUSED,
            self.reason,
            role=self.viewer.role,
            session=self.viewer.session_id,
            detail={"query": query, "purpose": str(self.purpose)},
        )
        return AccessDenied(sentence)
