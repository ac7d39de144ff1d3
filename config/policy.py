"""The school's policy, loaded: the one door to what the school decided.

Owns where the policy lies. The shapes are in config.policy_model, the reading and checking in config.policy_files.
"""

from pathlib import Path
from typing import Final

from config.policy_files import read_policy
from config.policy_model import (
    Category,
    HoursPattern,
    ImportedCategory,
    ImportedList,
    ListFormat,
    ListSource,
    Notice,
    PassThrough,
    Policy,
    Quality,
    Retention,
    ShieldArea,
    SiteList,
    SiteRule,
    Threshold,
    WeeklyWindow,
)
from config.school_calendar import SchoolCalendar

__all__ = [
    "SHIPPED",
    "Category",
    "HoursPattern",
    "ImportedCategory",
    "ImportedList",
    "ListFormat",
    "ListSource",
    "Notice",
    "PassThrough",
    "Policy",
    "Quality",
    "Retention",
    "SchoolCalendar",
    "ShieldArea",
    "SiteList",
    "SiteRule",
    "Threshold",
    "WeeklyWindow",
    "load_policy",
]

SHIPPED: Final = Path(__file__).parent / "school"
"""The policy files that come with Fairgate; a school copies the folder and changes its copy."""


def load_policy(folder: Path | None = None) -> Policy:
    """The policy in `folder`, or the one that comes with Fairgate.

    Raises:
        ConfigError: names file, line, key, what was found and what is allowed; every file must be there.
    """
    return read_policy(folder or SHIPPED)
