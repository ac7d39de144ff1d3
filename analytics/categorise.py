"""The verdict on an address: its category, what that is for, how grave it is, and one plain sentence why.

Owns the judging of host, path and search by one policy, the shield, and what is passed through undecrypted.
Promises: the shield has the last word; the same policy always gives the same verdict, for anybody; what serves work
and private ends alike, and what stands on no list, has gravity 0; a third-party resource is never graver than its
page; nothing here raises, whatever the host; a shielded verdict names no host and no area.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from analytics.event import NotInspected, Purpose
from analytics.least_data import kept_path, phrase_pattern, search_phrase, searched_for
from analytics.site_index import Levels, SiteIndex, levels, path_under
from config.host_name import LONGEST_HOST, normal_host, registrable_domain
from config.policy import Category, Policy, ShieldArea, SiteList, SiteRule

__all__ = [
    "Judge",
    "Reason",
    "Verdict",
    "in_page_context",
    "kept_path",
    "normal_host",
    "registrable_domain",
    "search_phrase",
]

_REMEMBERED_HOSTS: Final = 20_000
_COUNTED: Final = (Purpose.PRIVATE, Purpose.INAPPROPRIATE, Purpose.UNLAWFUL)


class Reason(StrEnum):
    """Why a verdict is what it is."""

    LISTED = "listed"
    PATH_LISTED = "path_listed"
    SUFFIX_LISTED = "suffix_listed"
    HINT_ONLY = "hint_only"
    NOT_LISTED = "not_listed"
    PAGE_CONTEXT = "page_context"
    SHIELDED = "shielded"


_PURPOSE_WORDS: Final = {
    Purpose.WORK: "which is work use",
    Purpose.PRIVATE: "which is private use",
    Purpose.INAPPROPRIATE: "which is inappropriate use of school equipment",
    Purpose.UNLAWFUL: "which may be against the law",
    Purpose.INFRASTRUCTURE: "which pages and devices fetch by themselves, so it counts against nobody",
    Purpose.UNKNOWN: "which serves work and private ends alike, so it counts against nobody",
}


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


_SHIELD_VERDICT: Final = Verdict(
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
SHIELDED: Final = _SHIELD_VERDICT


@dataclass(frozen=True, slots=True)
class _Host:
    """All that the policy says of one host, found once."""

    shielded: bool
    shielded_paths: tuple[str, ...]
    not_inspected: NotInspected | None
    paths: tuple[tuple[str, Verdict], ...]
    """Paths judged apart, longest first."""
    whole: Verdict


class Judge:
    """Verdicts under one policy, remembering a bounded number of hosts. One for each thread."""

    def __init__(self, policy: Policy) -> None:
        lists = {entry.key: entry for entry in policy.lists}
        self._sites = SiteIndex(
            (rule, _verdict(rule, policy.categories[rule.category], lists[rule.list_key])) for rule in policy.sites
        )
        self._shield = SiteIndex((rule, area) for area in policy.shield for rule in area.sites)
        self._pinned = SiteIndex((rule, None) for rule in policy.pass_through.pinned)
        self._banking = frozenset(policy.pass_through.banking)
        self._phrases = [(area, phrase_pattern(area.phrases)) for area in policy.shield]
        self._shielded_phrase = phrase_pattern(phrase for area in policy.shield for phrase in area.phrases)
        self._known: dict[str, _Host] = {}

    def judge(self, host: str, path: str = "/", query: str = "") -> Verdict:
        """The verdict on an address; `query` is what follows "?", needed to shield a search by its phrase."""
        known = self._known.get(host) or self._learn(host)
        if known.shielded:
            return _SHIELD_VERDICT
        verdict = known.whole
        if known.paths or known.shielded_paths:
            folded = _folded(path)
            if any(path_under(folded, listed) for listed in known.shielded_paths):
                return _SHIELD_VERDICT
            verdict = _of_path(known, folded)
        if query and verdict.phrase_keys and self._shielded_phrase(searched_for(verdict.phrase_keys, query)):
            return _SHIELD_VERDICT
        return verdict

    def shielded(self, host: str) -> bool:
        """Whether the whole host is shielded: never decrypt it, never write it down."""
        return (self._known.get(host) or self._learn(host)).shielded

    def shielded_words(self, text: str) -> bool:
        """Whether a text holds a word or phrase that shields a search."""
        return self._shielded_phrase(text)

    def pass_through(self, host: str) -> NotInspected | None:
        """Why the host is never decrypted; None where it may be inspected."""
        return (self._known.get(host) or self._learn(host)).not_inspected

    def shield_area(self, host: str, path: str = "/", query: str = "") -> ShieldArea | None:
        """Which area shields an address: to answer the person who asks about it, never for a record."""
        folded = _folded(path)
        for rule, area in self._shield.covering(levels(normal_host(host) or "")):
            if path_under(folded, rule.path):
                return area
        phrase = searched_for(_of_path(self._learn(host), folded).phrase_keys, query)
        return next((area for area, matches in self._phrases if matches(phrase)), None)

    def _learn(self, host: str) -> _Host:
        known = self._look_up(host)
        if len(self._known) >= _REMEMBERED_HOSTS:
            # First in, first out: a host still in use is learnt again at its next request.
            del self._known[next(iter(self._known))]
        if len(host) <= LONGEST_HOST:
            self._known[host] = known
        return known

    def _look_up(self, raw: str) -> _Host:
        host = normal_host(raw)
        if host is None:
            return _Host(False, (), None, (), _not_listed("This is no host name"))
        host_levels = levels(host)
        shields = [rule.path for rule, _ in self._shield.covering(host_levels)]
        paths, whole = _divided(host, self._sites.covering(host_levels))
        reason = self._why_not_inspected(host_levels, shields, whole)
        return _Host("" in shields, tuple(shields), reason, paths, whole)

    def _why_not_inspected(self, host: Levels, shields: list[str], whole: Verdict) -> NotInspected | None:
        if "" in shields:
            return NotInspected.SHIELD
        if whole.category in self._banking:
            return NotInspected.BANKING
        return NotInspected.PINNED if self._pinned.covering(host) else None


def in_page_context(verdict: Verdict, page: Verdict) -> Verdict:
    """The verdict on something `page` pulled in: it takes on the page's meaning, and is never graver than it.

    What is shielded stays so, and so does all that a shielded page pulls in; infrastructure stays infrastructure.
    """
    if Purpose.SHIELDED in (verdict.purpose, page.purpose):
        return _SHIELD_VERDICT
    if verdict.purpose is Purpose.INFRASTRUCTURE or verdict.category == page.category:
        return replace(verdict, gravity=min(verdict.gravity, page.gravity))
    return replace(
        page,
        gravity=min(verdict.gravity, page.gravity),
        reason=Reason.PAGE_CONTEXT,
        sentence=f"The page pulled this in by itself, so it is judged as the page is: {page.sentence}",
        keep="host",
        phrase_keys=(),
    )


def _divided(host: str, covering: list[tuple[SiteRule, Verdict]]) -> tuple[tuple[tuple[str, Verdict], ...], Verdict]:
    """The paths judged apart, and the verdict on the rest: the nearest rule for the whole site ends the search."""
    paths: list[tuple[str, Verdict]] = []
    for rule, verdict in covering:
        if not rule.path:
            return tuple(paths), verdict
        paths.append((rule.path, verdict))
    return tuple(paths), _not_listed(f"No list names {host}")


def _of_path(known: _Host, folded: str) -> Verdict:
    return next((verdict for listed, verdict in known.paths if path_under(folded, listed)), known.whole)


def _folded(path: str) -> str:
    """The path as rules are written: lower case, decoded, without its query and empty or dotted steps."""
    plain = path.partition("?")[0].lower()
    if "%" in plain:
        plain = unquote(plain)
    if "//" in plain or "/." in plain:
        plain = "/" + "/".join(_steps(plain))
    return plain


def _steps(path: str) -> list[str]:
    taken: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del taken[-1:]
        elif step not in ("", "."):
            taken.append(step)
    return taken


def _not_listed(start: str) -> Verdict:
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


def _verdict(rule: SiteRule, category: Category, listed: SiteList) -> Verdict:
    purpose = Purpose(category.purpose)
    only_hint = listed.quality == "hint" and purpose in _COUNTED
    return Verdict(
        category=category.key,
        purpose=Purpose.UNKNOWN if only_hint else purpose,
        gravity=0 if only_hint else category.gravity,
        rule=rule.pattern,
        list_name=listed.title,
        list_version=listed.version,
        reason=Reason.HINT_ONLY if only_hint else _reason(rule),
        sentence=_sentence(rule, category, listed, only_hint=only_hint),
        keep=category.keep,
        phrase_keys=category.phrase_keys,
    )


def _reason(rule: SiteRule) -> Reason:
    if rule.path:
        return Reason.PATH_LISTED
    return Reason.SUFFIX_LISTED if rule.wide else Reason.LISTED


def _sentence(rule: SiteRule, category: Category, listed: SiteList, *, only_hint: bool) -> str:
    what = f"Every address under {rule.host}" if rule.wide else rule.pattern
    meaning = _PURPOSE_WORDS[Purpose(category.purpose)]
    if only_hint:
        meaning = "but that list is not kept carefully enough to count it against anyone"
    return f"{what} is listed as {category.title}, {meaning} ({listed.title}, version {listed.version})."
