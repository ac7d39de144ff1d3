"""A verdict: what an address means under one policy, with one plain sentence why.

Owns its form, how it is made from a listed rule, and how it changes with the page that something stands in. Promises:
what serves work and private ends alike, and what stands on no list, has gravity 0; a third-party resource is never
graver than its page, nor what a frame pulls in graver than the page the frame stands in; a shielded verdict names no
host and no area.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from analytics.event import COUNTED_PURPOSES, Purpose
from analytics.site_index import LOCAL
from config.policy import Category, SiteList, SiteRule


class Reason(StrEnum):
    """Why a verdict is what it is."""

    LISTED = "listed"
    PATH_LISTED = "path_listed"
    SUFFIX_LISTED = "suffix_listed"
    HINT_ONLY = "hint_only"
    NOT_LISTED = "not_listed"
    PAGE_CONTEXT = "page_context"
    SHIELDED = "shielded"
    PAGE_SHOWN = "page_shown"


_PURPOSE_WORDS: Final = {
    Purpose.WORK: "which is work use",
    Purpose.PRIVATE: "which is private use",
    Purpose.INAPPROPRIATE: "which is inappropriate use of school equipment",
    Purpose.UNLAWFUL: "which may be against the law",
    Purpose.INFRASTRUCTURE: "which pages and devices fetch by themselves, so it counts against nobody",
    Purpose.UNKNOWN: "which serves work and private ends alike, so it counts against nobody",
}


_PULLED_IN: Final = "The page pulled this in by itself, so it is judged as the page is: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an address means under one policy."""

    category: str
    purpose: Purpose
    gravity: int
    rule: str
    """The pattern that matched, such as "bbc.co.uk/sport"; "" where none did."""
    list_name: str
    list_version: str
    reason: str
    """A value of `Reason`."""
    sentence: str
    keep: str
    """The least that the category's stated purpose needs: "host", "path" or "phrase"."""
    phrase_keys: tuple[str, ...] = ()


SHIELD_VERDICT: Final = Verdict(
    category="shielded",
    purpose=Purpose.SHIELDED,
    gravity=0,
    rule="",
    list_name="",
    list_version="",
    reason=Reason.SHIELDED,
    sentence="This is shielded: it is nobody's business here, so it is neither opened nor recorded.",
    keep="host",
)


def in_page_context(verdict: Verdict, page: Verdict) -> Verdict:
    """The verdict on something `page` pulled in: it takes on the page's meaning, and is never graver than it.

    What is shielded stays so, and so does all that a shielded page pulls in; infrastructure stays infrastructure.
    """
    if Purpose.SHIELDED in (verdict.purpose, page.purpose):
        return SHIELD_VERDICT
    if verdict.purpose is Purpose.INFRASTRUCTURE or verdict.category == page.category:
        # Where a frame asked, that is said: the host that is named is then not the page.
        reason = page.reason if page.reason == Reason.PAGE_CONTEXT else verdict.reason
        return replace(verdict, gravity=min(verdict.gravity, page.gravity), reason=reason)
    return _as_page(verdict, page)


def frame_context(verdict: Verdict, page: Verdict | None) -> Verdict:
    """What a frame with this `verdict` hands on to all that it pulls in: the meaning of the page it stands in, which
    is not known where that page is not named. It is kept in a client's memory, so its sentence names no host."""
    around = page or not_listed("The page that a frame stands in was not named")
    meaning = _PURPOSE_WORDS[around.purpose]
    said = f"A frame pulled this in, so it is judged as the page is that the frame stands in, {meaning}."
    return replace(_as_page(verdict, around), sentence=said)


def of_no_page(verdict: Verdict) -> Verdict:
    """The verdict on something that nobody chose and that names no page: there is nothing that it could inherit, and
    that it is no graver than its page cannot be known, so it weighs nothing. What it is stays said."""
    return replace(verdict, gravity=0)


def _as_page(verdict: Verdict, page: Verdict) -> Verdict:
    """As `page`, and of the two gravities the lesser. Of a frame's page the sentence has been said already."""
    said = "" if page.reason == Reason.PAGE_CONTEXT else _PULLED_IN
    return replace(
        page,
        gravity=min(verdict.gravity, page.gravity),
        reason=Reason.PAGE_CONTEXT,
        sentence=said + page.sentence,
        keep="host",
        phrase_keys=(),
    )


def as_shown(front_end: str, host: str, verdict: Verdict) -> Verdict:
    """The verdict on a page of `host` as `front_end` shows it: nothing but the front-end's own name need be kept."""
    return replace(
        verdict,
        reason=Reason.PAGE_SHOWN,
        sentence=f"{front_end} shows a page of {host}, so it is judged as that page: {verdict.sentence}",
        keep="host",
        phrase_keys=(),
    )


def not_listed(start: str) -> Verdict:
    return Verdict(
        category="unknown",
        purpose=Purpose.UNKNOWN,
        gravity=0,
        rule="",
        list_name="",
        list_version="",
        reason=Reason.NOT_LISTED,
        sentence=f"{start}, so what it was used for is not known and it counts against nobody.",
        keep="host",
    )


def listed_verdict(rule: SiteRule, category: Category, listed: SiteList) -> Verdict:
    purpose = Purpose(category.purpose)
    only_hint = listed.quality == "hint" and purpose in COUNTED_PURPOSES
    return Verdict(
        category=category.key,
        purpose=Purpose.UNKNOWN if only_hint else purpose,
        gravity=0 if only_hint else category.gravity,
        rule=rule.pattern,
        list_name=listed.title,
        list_version=listed.version,
        reason=Reason.HINT_ONLY if only_hint else _reason(rule),
        sentence=_sentence(rule, category, listed, only_hint=only_hint),
        # Nothing is counted by a hint, so nothing but the host is needed.
        keep="host" if only_hint else category.keep,
        phrase_keys=category.phrase_keys,
    )


def _reason(rule: SiteRule) -> Reason:
    if rule.path:
        return Reason.PATH_LISTED
    return Reason.SUFFIX_LISTED if rule.wide else Reason.LISTED


def _sentence(rule: SiteRule, category: Category, listed: SiteList, *, only_hint: bool) -> str:
    inside = "Every name or number inside the building" if rule.host == LOCAL else f"Every address under {rule.host}"
    what = inside if rule.wide else rule.pattern
    meaning = _PURPOSE_WORDS[Purpose(category.purpose)]
    if category.purpose == Purpose.PRIVATE and not category.gravity:
        meaning = "which is private use and weighs nothing"
    if only_hint:
        meaning = "but that list is not kept carefully enough to count it against anyone"
    return f"{what} is listed as {category.title}, {meaning} ({listed.title}, version {listed.version})."
