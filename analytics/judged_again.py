"""Judging a stored event again: what another policy says of it, as far as what was kept allows.

Owns the rule of what can be said. An event keeps the least data, so a path, a search phrase or the page that asked may
be missing. Every verdict the event could have under the new policy is then looked at: where they all say the same, that
is the answer; where they differ, it cannot be judged again, and says what is missing. What decided then tells something
too: had the path been one that the same list, unchanged, names apart, that rule would have decided. Promises: never a
guess; an event that this very policy judged is left as it was judged; nobody's person, hours or permission has any part
in it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlencode

from analytics.categorise import Judge, Reason, Verdict, in_page_context
from analytics.event import Kind, NotInspected, Purpose
from analytics.front_end import is_front_end
from analytics.least_data import LONGEST_PHRASE
from analytics.policy_then import KnownThen, Part, PolicyThen
from analytics.site_index import levels
from analytics.verdict import of_no_page
from config.host_name import registrable_domain
from config.policy import Policy

_REMEMBERED: Final = 65_536
_CHOSEN: Final = (Kind.NAVIGATION, Kind.REDIRECT)
_BY_POLICY: Final = (NotInspected.BANKING, NotInspected.PINNED)
"""Not opened because the policy said so; any other reason holds under every policy."""


class Missing(StrEnum):
    """What was not kept and would be needed."""

    PATH = "path_not_kept"
    PHRASE = "phrase_not_kept"
    PAGE = "page_not_kept"
    CONNECTION = "not_opened_then"
    """The policy would open what was not opened then: what was in it, nobody saw."""


class Judged(NamedTuple):
    """What is judged again: no person, no time."""

    host: str
    path: str
    search_phrase: str
    kind: str
    initiator_host: str
    category: str
    purpose: str
    gravity: int
    rule: str
    list_name: str
    list_version: str
    reason: str
    policy_version: str
    not_inspected: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of the store's that has these columns."""
        return cls(*(row[name] for name in cls._fields))


class JudgeAgain:
    """Verdicts on stored events by `policy`, remembering a bounded number. One for each thread."""

    def __init__(self, judge: Judge, policy: Policy, then: KnownThen, in_force: Policy | None = None) -> None:
        """`judge` judges by `policy`, and by the imported lists in force where there are any; `in_force` is the policy
        that judged at least the newest of the events, where its files are at hand."""
        self._judge, self._version, self._then = judge, judge.policy_version, then
        self._in_force = PolicyThen(in_force, policy, self._judge) if in_force is not None else None
        self._phrased = then.phrased | (self._in_force.phrased if self._in_force else frozenset())
        self._remembered = lru_cache(_REMEMBERED)(self._decide)

    def verdict(self, judged: Judged) -> Verdict | Missing | None:
        """The verdict now, or what is missing for one; None where this policy judged it then."""
        return None if judged.policy_version == self._version else self._remembered(judged)

    def opened(self, host: str) -> NotInspected | None:
        """Why a connection to the host would not be opened now; None where it would be."""
        return self._judge.pass_through(host)

    def _decide(self, judged: Judged) -> Verdict | Missing:
        if judged.not_inspected != NotInspected.INSPECTED or self._judge.pass_through(judged.host) is not None:
            return self._by_host(judged)
        own = self._own(judged)
        if isinstance(own, Missing) or judged.kind in _CHOSEN:
            return own
        if not judged.initiator_host:
            return Missing.PAGE if judged.reason == Reason.PAGE_CONTEXT else of_no_page(own)
        return self._in_context(judged, own)

    def _own(self, judged: Judged) -> Verdict | Missing:
        """By its own address."""
        if judged.reason == Reason.PAGE_SHOWN:
            # Of a front-end's address the site alone was kept, never the page it showed.
            return Missing.PATH
        found = _one(self._possible(judged))
        if found is None:
            return Missing.PATH
        return self._by_phrase(judged, found) if found.phrase_keys else found

    def _by_host(self, judged: Judged) -> Verdict | Missing:
        """Of a connection that was not opened, or would not be: the gateway too has the host alone to judge by."""
        if judged.not_inspected in _BY_POLICY and self._judge.pass_through(judged.host) is None:
            return Missing.CONNECTION
        return self._judge.judge(judged.host)

    def _by_phrase(self, judged: Judged, verdict: Verdict) -> Verdict | Missing:
        if judged.search_phrase:
            query = urlencode({verdict.phrase_keys[0]: judged.search_phrase})
            now = self._judge.judge(judged.host, judged.path or "/", query)
            if now.purpose is Purpose.SHIELDED:
                return now
            return verdict if len(judged.search_phrase) < LONGEST_PHRASE else Missing.PHRASE
        if self._searched_safely(self._own_parts(judged)):
            return verdict
        # Phrases are kept of navigations alone, and only where that policy kept them of that category.
        kept = (judged.policy_version, judged.category) in self._phrased
        return verdict if kept and judged.kind == Kind.NAVIGATION else Missing.PHRASE

    def _in_context(self, judged: Judged, own: Verdict) -> Verdict | Missing:
        """As the page is judged that asked for it; of a page only the host is kept."""
        if is_front_end(judged.initiator_host) or _of_a_frame(judged):
            return Missing.PAGE
        pages = self._possible_pages(judged)
        foreign = registrable_domain(judged.initiator_host) != registrable_domain(judged.host)
        shielded = any(page.purpose is Purpose.SHIELDED for page in pages)
        safe = self._searched_safely(self._page_parts(judged))
        if not foreign and any(page.phrase_keys for page in pages) and not safe:
            return Missing.PHRASE
        if not foreign and not shielded:
            return own
        found = _one(
            in_page_context(own, page) if foreign or page.purpose is Purpose.SHIELDED else own for page in pages
        )
        return found or Missing.PAGE

    def _possible(self, judged: Judged) -> tuple[Verdict, ...]:
        """Every verdict by the exchange's own address."""
        named = _path_named(judged.rule)
        # The path that the rule itself names was kept because of the rule: what followed it was not. And what was kept
        # in the context of a page is the page's rule, and the path that this names.
        whole = judged.reason != Reason.PAGE_CONTEXT and judged.path not in ("", named)
        if not whole and (parts := self._own_parts(judged)):
            return tuple(part.now for part in parts)
        if judged.reason == Reason.PAGE_CONTEXT:
            return self._judge.verdicts_under(judged.host, "", whole=False, ruled_out=lambda _: False)
        return self._under(judged, judged.host, judged.path or named, whole=whole)

    def _possible_pages(self, judged: Judged) -> tuple[Verdict, ...]:
        """Every verdict on the page that asked."""
        if parts := self._page_parts(judged):
            return tuple(part.now for part in parts)
        if judged.reason == Reason.PAGE_CONTEXT:
            return self._under(judged, judged.initiator_host, _path_named(judged.rule), whole=False)
        return self._judge.verdicts_under(judged.initiator_host, "", whole=False, ruled_out=lambda _: False)

    def _own_parts(self, judged: Judged) -> tuple[Part, ...]:
        """The parts of its site that it can have been of; none where the policy of then is not known."""
        if self._in_force is None or judged.policy_version != self._in_force.version:
            return ()
        rule = None if judged.reason == Reason.PAGE_CONTEXT else judged.rule
        return self._in_force.parts(judged.host, rule, judged.list_name)

    def _page_parts(self, judged: Judged) -> tuple[Part, ...]:
        """As `_own_parts`, of the page that asked."""
        if self._in_force is None or judged.policy_version != self._in_force.version:
            return ()
        rule = judged.rule if judged.reason == Reason.PAGE_CONTEXT else None
        return self._in_force.parts(judged.initiator_host, rule, judged.list_name)

    def _searched_safely(self, parts: tuple[Part, ...]) -> bool:
        return self._in_force is not None and bool(parts) and self._in_force.searched_safely(parts)

    def _under(self, judged: Judged, host: str, path: str, *, whole: bool) -> tuple[Verdict, ...]:
        return self._judge.verdicts_under(
            host, path, whole=whole, ruled_out=lambda verdict: self._would_have_decided(verdict, judged)
        )

    def _would_have_decided(self, verdict: Verdict, judged: Judged) -> bool:
        """Whether the rule of `verdict` stood there then: for a part of a site, it would have come first."""
        named = (verdict.list_name, verdict.list_version)
        if not judged.list_name:
            # No list named the address: neither, then, did any that is known to have been there.
            return (judged.policy_version, *named) in self._then.lists
        return named == (judged.list_name, judged.list_version)


def meaning(verdict: Verdict) -> tuple[str, str, int]:
    """What of a verdict is compared: category, purpose, gravity."""
    return verdict.category, str(verdict.purpose), verdict.gravity


def _of_a_frame(judged: Judged) -> bool:
    """Whether the host that asked may have been a frame's: which page that stood in was not kept.

    What is judged as its page carries the page's rule. Where that is no rule for the host, or none, another page may
    have decided; and within one site only a frame makes a page's meaning decide.
    """
    if judged.reason != Reason.PAGE_CONTEXT:
        return False
    if registrable_domain(judged.initiator_host) == registrable_domain(judged.host):
        return True
    named = judged.rule.removeprefix("*.").partition("/")[0]
    return named not in (name for name, _ in levels(judged.initiator_host))


def _path_named(rule: str) -> str:
    """The path in a rule's pattern: "/sport"; "" where it has none."""
    _, slash, rest = rule.partition("/")
    return slash + rest


def _one(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The first of the verdicts where they all mean the same."""
    first, *rest = verdicts
    return first if all(meaning(other) == meaning(first) for other in rest) else None
