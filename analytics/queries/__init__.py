"""Queries: the only way to read what was recorded.

A `Reading` is a viewer and a purpose; each function below takes one, checks it, notes the look, and answers with a
DataFrame, a dataclass or an iterator. Owns every SELECT that a page, report or command runs.
"""

from analytics.queries.access import QUERIES, Disclosure, LookPurpose
from analytics.queries.coverage import Coverage, coverage
from analytics.queries.exchanges import visit_exchanges
from analytics.queries.freshness import data_up_to
from analytics.queries.notices import NoticeRegister, NoticeRow, OwnNotice, notice_register, own_notice
from analytics.queries.overview import overview
from analytics.queries.passed_through import PassedThrough, passed_through
from analytics.queries.permissions import (
    OwnPermissions,
    PermissionRegister,
    own_permissions,
    permission_register,
)
from analytics.queries.person import PersonSummary, person_categories, person_summary
from analytics.queries.reading import Reading, Rule
from analytics.queries.rows import SealRow, binding_ends, event_rows, seal_rows
from analytics.queries.standing import Standing
from analytics.queries.timeline import person_sessions, person_visits
from analytics.queries.totals import per_day, person_days
from analytics.queries.trail import audit_trail

__all__ = [
    "QUERIES",
    "Coverage",
    "Disclosure",
    "LookPurpose",
    "NoticeRegister",
    "NoticeRow",
    "OwnNotice",
    "OwnPermissions",
    "PassedThrough",
    "PermissionRegister",
    "PersonSummary",
    "Reading",
    "Rule",
    "SealRow",
    "Standing",
    "audit_trail",
    "binding_ends",
    "coverage",
    "data_up_to",
    "event_rows",
    "notice_register",
    "overview",
    "own_notice",
    "own_permissions",
    "passed_through",
    "per_day",
    "permission_register",
    "person_categories",
    "person_days",
    "person_sessions",
    "person_summary",
    "person_visits",
    "seal_rows",
    "visit_exchanges",
]
