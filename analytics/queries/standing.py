"""Standing: how a visit stands towards the person. Every count on every page comes from this one division.

Owns the rule. A visit has exactly one standing, so counts add up:
- `unsure`: it is not sure who it was (grade C: a shared device, or signs that conflict), and the site would count.
  Never counted against anyone, whatever the site.
- `unknown`: it cannot be told whether anybody chose the page (a confidence below `COUNTS_FROM`), whatever the site is.
- `unlawful`: so judged; no permission changes that.
- `permitted`: private or inappropriate, and under a permission that held then. Never counted against anyone.
- `break`: private, without a permission, in a break. Shown apart and never counted against anyone.
- otherwise its purpose: `private`, `inappropriate`, `work`, `unknown`, `infrastructure`. `unknown` is never counted
  as misuse.
"""

from enum import StrEnum
from typing import Final

from analytics.event import Grade
from analytics.kind_reason import COUNTS_FROM


class Standing(StrEnum):
    """See the module."""

    UNLAWFUL = "unlawful"
    INAPPROPRIATE = "inappropriate"
    PRIVATE = "private"
    BREAK = "break"
    PERMITTED = "permitted"
    WORK = "work"
    UNSURE = "unsure"
    UNKNOWN = "unknown"
    INFRASTRUCTURE = "infrastructure"


COUNTED: Final = (Standing.UNLAWFUL, Standing.INAPPROPRIATE, Standing.PRIVATE)
"""What is counted against somebody."""

STANDING_SQL: Final = f"""multiIf(
    purpose IN ('private', 'inappropriate', 'unlawful') AND grade = '{Grade.C}', 'unsure',
    purpose IN ('private', 'inappropriate', 'unlawful') AND kind_confidence < {COUNTS_FROM}, 'unknown',
    purpose = 'unlawful', 'unlawful',
    purpose IN ('private', 'inappropriate') AND permission_id IS NOT NULL, 'permitted',
    purpose = 'private' AND hours = 'break', 'break',
    toString(purpose))"""
"""The same rule over the columns of a visit.

In a query a result's name hides the column of that name, even in WHERE: columns whose name a result takes are
therefore written with the table's (`v.day`).
"""
