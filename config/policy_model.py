"""The school's policy: what each kind of site is for, what is shielded, whose hours are when.

Owns the frozen `Policy` that every verdict is made from, and its version; config.policy loads one.
Promises: a policy that loads is complete (nothing without a purpose, a reason and an author), and the same decisions
always have the same version, whatever the comments and spacing around them.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import date
from typing import Final, Literal

from config.school_calendar import SchoolCalendar

METHOD_VERSION: Final = 3
"""Number of the rules that stand in the program and not in the policy's files: how an exchange's kind is decided
(analytics.kind), how visits and their time are made of exchanges (analytics.visits), and how a verdict is found in the
lists (analytics.categorise). Raise it by one whenever one of these answers differently than before: a verdict then
names another policy version, although the school changed nothing."""

THRESHOLDS: Final = (
    "attention_gravity",
    "attention_private_visits_a_week",
    "attention_times_usual",
    "attention_private_visits_without_usual",
    "attention_usual_weeks",
    "attention_usual_weeks_least",
    "stale_data_minutes",
)
"""Every number the program asks the policy for. A policy has each of them and no other, so none is set in vain."""

type Keep = Literal["host", "path", "phrase"]
type Quality = Literal["evidence", "hint"]
type ListFormat = Literal["ut1", "hosts", "adblock", "plain", "csv"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A kind of site, and what the school says it is for."""

    key: str
    title: str
    purpose: str
    """A value of analytics.event.Purpose other than `shielded`."""
    gravity: int
    """0 to 4, a suggestion that a named person confirms or changes."""
    why: str
    stated_purpose: str
    """What the data kept of this category is for (UK GDPR, Article 5)."""
    author: str
    keep: Keep
    """The least that serves the stated purpose: the host, its path as well, or a search engine's phrase as well."""
    phrase_keys: tuple[str, ...] = ()
    """Names of the query's values that hold what was searched for. They shield a search by its phrase; the phrase is
    kept only where `keep` is "phrase"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRule:
    """One listed site. It covers its host, every host below it, and paths that begin with `path`."""

    pattern: str
    """As written: "bbc.co.uk/sport", or "*.gov.uk" where a public suffix is meant."""
    host: str
    path: str
    """"" for the whole site, else "/sport"."""
    category: str
    list_key: str

    @property
    def wide(self) -> bool:
        """Whether it may cover several registrants' sites."""
        return self.pattern.startswith("*.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteList:
    """A list of sites, and how far it can be relied on."""

    key: str
    title: str
    quality: Quality
    """Only an `evidence` list can support a verdict against anyone; a `hint` leaves the purpose unknown."""
    why: str
    author: str
    version: str
    """First 12 hex of the SHA-256 over its rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCategory:
    """What the school decides about one category of a list that others publish."""

    own: str
    """The list's own name for it."""
    meaning: str
    """A category of ours, or an area of the shield."""
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedList:
    """A list that others publish, as the school reads it. What it holds is imported apart (analytics.lists)."""

    key: str
    title: str
    quality: Quality
    why: str
    author: str
    format: ListFormat
    category: str | None
    """Our category of everything in it, for a list without categories of its own."""
    categories: tuple[ImportedCategory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSource:
    """Where an imported list comes from, and what is accepted from there. Decides no verdict."""

    address: str | None
    digest_address: str | None
    """Of a file with the MD5 or SHA-256 of what lies at `address`."""
    sha256: str | None
    oldest_days: int
    """Older than this it is not taken, and one in force is warned of."""
    largest_mb: int
    proxy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldArea:
    """A part of life that is nobody's business: never decrypted, never recorded, only counted."""

    key: str
    title: str
    why: str
    author: str
    sites: tuple[SiteRule, ...]
    phrases: tuple[str, ...]
    """Words and phrases that shield a search, lower case."""
    innocent: tuple[str, ...] = ()
    """Longer phrases in which such a word means something else: "tropic of cancer"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyWindow:
    """A stretch of London time in every week: weekday 0 is Monday; minutes since midnight, end excluded."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursPattern:
    """When somebody of this pattern is contracted to work, and when they have their breaks."""

    key: str
    title: str
    why: str
    author: str
    weeks: Literal["term", "all_year"]
    """Whether they work only in term time (INSET days included), or all the year but bank holidays and closures."""
    contracted: tuple[WeeklyWindow, ...]
    breaks: tuple[WeeklyWindow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A number that decides something, with its reason."""

    key: str
    value: int
    unit: str
    why: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long one class of record is kept."""

    key: str
    title: str
    days: int
    why: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What staff are told before anything is recorded against them."""

    title: str
    text: str
    acknowledgement: str
    """The words a person confirms: that they were told, never that they consent."""
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassThrough:
    """What is never decrypted beside the shield."""

    banking: tuple[str, ...]
    """Categories passed through because they hold people's money."""
    pinned: tuple[SiteRule, ...]
    """Services whose apps accept no certificate but their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All that decides a verdict. Equal decisions have an equal `version`."""

    categories: Mapping[str, Category]
    lists: tuple[SiteList, ...]
    """In order of precedence: where two lists name the same site, the earlier one wins."""
    sites: tuple[SiteRule, ...]
    shield: tuple[ShieldArea, ...]
    pass_through: PassThrough
    hours: Mapping[str, HoursPattern]
    calendar: SchoolCalendar
    thresholds: Mapping[str, Threshold]
    retention: Mapping[str, Retention]
    notice: Notice
    suffix_list: str
    """Digest of the Public Suffix List, which decides how far a rule reaches."""
    imported: tuple[ImportedList, ...] = ()
    """In order of precedence, after all of `lists`: where those name a site, they are not asked."""
    list_sources: Mapping[str, ListSource] = field(default_factory=dict)
    method: int = METHOD_VERSION
    version: str = field(init=False)
    notice_version: str = field(init=False)
    """Changes only with what staff are told: the notice, and what each category counts as. A site added to a list does
    not make everybody untold again, which would stop the recording of everybody unseen."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", digest({name: _plain(getattr(self, name)) for name in _DECIDING})[:16])
        purposes = {key: category.purpose for key, category in self.categories.items()}
        object.__setattr__(self, "notice_version", digest([_plain(self.notice), _plain(purposes)])[:16])


_DECIDING: Final = (
    "categories",
    "lists",
    "sites",
    "shield",
    "pass_through",
    "hours",
    "calendar",
    "thresholds",
    "retention",
    "notice",
    "suffix_list",
    "imported",
    "method",
)


def digest(plain: object) -> str:
    """SHA-256 of `plain`, made of texts, whole numbers, lists and dictionaries, in hexadecimal."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return _plain(asdict(value)) if is_dataclass(value) and not isinstance(value, type) else value
