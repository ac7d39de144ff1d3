"""A member of the cast: who they are, what they are in the habit of, and the permissions they have or ask for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Slot(StrEnum):
    """A stretch of a working day, by the member's own contracted hours."""

    EARLY = "early"
    LESSON = "lesson"
    BREAK = "break"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Habit:
    """`topic` of the site catalogue, in one slot; visits a day, on average, in each week from the oldest on."""

    topic: str
    slot: Slot
    daily: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lapse:
    """A visit at one stated moment: the week from the oldest on, its weekday (Monday is 0), minutes since midnight."""

    week: int
    weekday: int
    minute: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One invented member of staff. `key` names them inside the demonstration only."""

    key: str
    name: str
    username: str
    person_type: str
    """A value of governance's person types: teacher, support, supply, volunteer, governor."""
    post: str
    hours: str
    story: str
    habits: tuple[Habit, ...]
    outing: tuple[str, ...]
    """What they visit in the live traffic, in order."""
    address: str | None = None
    """Of their own school laptop, on loopback; None: they sign in at the proxy."""
    lapses: tuple[Lapse, ...] = ()
    told: bool = True
    on_shared_device: bool = False
    sends_form: bool = False
    """Sends the form on the last page of the outing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A permission the Headteacher gave. `member` None: to all staff."""

    member: str | None
    categories: tuple[str, ...]
    slot_only: bool
    """Only in the lunch break; else at any time."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A permission that a member asked for. `answer` "": it is still waiting."""

    member: str
    categories: tuple[str, ...]
    weekdays: tuple[int, ...]
    start: int
    end: int
    """Minutes since midnight; an end before the start is on the next day."""
    why: str
    sites: tuple[str, ...] = ()
    answer: Literal["", "granted", "refused"] = ""
    answer_why: str = ""
