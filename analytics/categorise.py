"""Judging an address: which verdict one policy, and the imported lists in force, give on it.

Owns the judging of host, path and search, the shield, and what is passed through undecrypted. Promises: the shield has
the last word; the policy's own lists come before imported ones; the same policy and lists always give the same
verdict, for anybody; nothing here raises, whatever the host.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from analytics.event import NotInspected, Purpose
from analytics.front_end import carried_pages, hosts_shown, is_front_end
from analytics.least_data import kept_path, phrase_pattern, search_phrase, searched_for
from analytics.lists.listed import NOTHING, Found, ListsInForce
from analytics.site_index import Levels, SiteIndex, folded_path, levels, path_under
from analytics.verdict import SHIELD_VERDICT, Reason, Verdict, as_shown, in_page_context, listed_verdict, not_listed
from config.host_name import LONGEST_HOST, normal_host, registrable_domain
from config.policy import Policy, ShieldArea, SiteRule
from config.policy_model import digest

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


@dataclass(frozen=True, slots=True)
class _Host:
    """All that the policy says of one host, found once."""

    shielded: bool
    shielded_paths: tuple[str, ...]
    not_inspected: NotInspected | None
    paths: tuple[tuple[str, Verdict], ...]
    """Paths judged apart, longest first."""
    whole: Verdict
    path_hosts: tuple[tuple[str, bool], ...] = ()
    """Hosts whose paths imported lists name."""
    by_path: bool = False
    """Whether a path can change anything."""
    front_end: bool = False
    """Whether its addresses may carry another site's page."""


class Judge:
    """Verdicts under one policy and the imported lists in force, remembering a bounded number of hosts. One for each
    thread."""

    def __init__(self, policy: Policy, imported: ListsInForce | None = None) -> None:
        lists = {entry.key: entry for entry in policy.lists}
        self._sites = SiteIndex(
            (rule, listed_verdict(rule, policy.categories[rule.category], lists[rule.list_key]))
            for rule in policy.sites
        )
        self._shield = SiteIndex((rule, area) for area in policy.shield for rule in area.sites)
        self._pinned = SiteIndex((rule, None) for rule in policy.pass_through.pinned)
        self._banking = frozenset(policy.pass_through.banking)
        self._phrases = [(area, phrase_pattern(area.phrases, area.innocent)) for area in policy.shield]
        self._shielded_phrase = phrase_pattern(
            (phrase for area in policy.shield for phrase in area.phrases),
            (phrase for area in policy.shield for phrase in area.innocent),
        )
        self._own_version = policy.version
        self._known: dict[str, _Host] = {}
        self.use(imported)

    def use(self, imported: ListsInForce | None) -> dict[str, Any]:
        """From now on judge by these lists; returns what was remembered under the earlier ones, so that the caller may
        let go of it piece by piece: twenty thousand hosts at once are a pause."""
        before, self._known = self._known, {}
        self._imported = imported
        self.policy_version = _version(self._own_version, imported)
        return before

    def judge(self, host: str, path: str = "/", query: str = "") -> Verdict:
        """The verdict on an address; `query` is what follows "?", needed to shield a search by its phrase."""
        known = self._known.get(host) or self._learn(host)
        verdict = self._of_address(known, path, query)
        if known.front_end and verdict.purpose is not Purpose.SHIELDED:
            return self._of_shown(host, path, query, verdict)
        return verdict

    def _of_shown(self, host: str, path: str, query: str, verdict: Verdict) -> Verdict:
        """The verdict on the innermost page that a front-end's address carries; `verdict` where it carries none."""
        for page in carried_pages(host, path, query):
            known = self._known.get(page.host) or self._learn(page.host)
            of_page = self._of_address(known, page.path, page.query)
            if of_page.purpose is Purpose.SHIELDED:
                return of_page
            verdict = as_shown(host, page.host, of_page)
        return verdict

    def _of_address(self, known: _Host, path: str, query: str) -> Verdict:
        if known.shielded:
            return SHIELD_VERDICT
        verdict = known.whole
        if known.by_path:
            folded = folded_path(path)
            if any(path_under(folded, listed) for listed in known.shielded_paths):
                return SHIELD_VERDICT
            verdict = self._of_path(known, folded)
        if query and verdict.phrase_keys and self._shielded_phrase(searched_for(verdict.phrase_keys, query)):
            return SHIELD_VERDICT
        return verdict

    def verdicts_under(
        self, host: str, path: str, *, whole: bool, ruled_out: Callable[[Verdict], bool]
    ) -> tuple[Verdict, ...]:
        """Every verdict that an address at or below `path` can have, whatever was searched for; at `path` alone where
        that is the `whole` of its path. A path whose verdict is `ruled_out` is known not to be the address's."""
        known, folded = self._known.get(host) or self._learn(host), folded_path(path)
        if known.shielded or any(path_under(folded, listed) for listed in known.shielded_paths):
            return (SHIELD_VERDICT,)
        at_path = self._of_path(known, folded)
        if whole:
            return (at_path,)
        below = [
            verdict
            for listed, verdict in known.paths
            if listed != folded and path_under(listed, folded) and not ruled_out(verdict)
        ]
        shielded = [SHIELD_VERDICT for listed in known.shielded_paths if path_under(listed, folded)]
        # Which paths an imported list names cannot be told from it: any of them may be meant.
        unseen = self.names_paths_unseen(host)
        anything = (SHIELD_VERDICT, not_listed(f"A list names parts of {host}")) if unseen else ()
        return (at_path, *below, *shielded, *anything)

    def names_paths_unseen(self, host: str) -> bool:
        """Whether an imported list names paths of the host: which ones cannot be told from the list."""
        return bool((self._known.get(host) or self._learn(host)).path_hosts)

    def paths_apart(self, host: str) -> tuple[str, ...]:
        """The paths of the host that the policy judges or shields apart from the rest."""
        known = self._known.get(host) or self._learn(host)
        return (*(listed for listed, _ in known.paths), *filter(None, known.shielded_paths))

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
        shown = [(name, "/", "") for name in hosts_shown(host)]
        asked = [(host, path, query), *shown, *carried_pages(host, path, query)]
        return next(filter(None, (self._area_of(*address) for address in asked)), None)

    def _area_of(self, host: str, path: str, query: str) -> ShieldArea | None:
        folded = folded_path(path)
        for rule, area in self._shield.covering(levels(normal_host(host) or "")):
            if path_under(folded, rule.path):
                return area
        known = self._learn(host)
        if self._imported is not None and (known.shielded or known.path_hosts):
            whole = self._found(levels(normal_host(host) or "")).area
            if (area_found := whole or self._imported.of_path(known.path_hosts, folded)[0]) is not None:
                return area_found
        phrase = searched_for(self._of_path(known, folded).phrase_keys, query)
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
            return _Host(False, (), None, (), not_listed("This is no host name"))
        host_levels = levels(host)
        shields = [rule.path for rule, _ in self._shield.covering(host_levels)]
        paths, whole = _divided(host, self._sites.covering(host_levels))
        found = self._found(host_levels) if whole.reason is Reason.NOT_LISTED else NOTHING
        if found.area is not None:
            shields.append("")
        if found.listed is not None:
            whole = listed_verdict(found.listed.rule, found.listed.category, found.listed.source)
        reason = self._why_not_inspected(host_levels, shields, whole)
        front_end = is_front_end(host)
        if front_end and any(self.shielded(shown) for shown in hosts_shown(host)):
            return _Host(True, (), NotInspected.SHIELD, (), whole)
        by_path = bool(paths or shields or found.path_hosts)
        return _Host("" in shields, tuple(shields), reason, paths, whole, found.path_hosts, by_path, front_end)

    def _found(self, host: Levels) -> Found:
        return NOTHING if self._imported is None else self._imported.of_host(host)

    def _of_path(self, known: _Host, folded: str) -> Verdict:
        for path, verdict in known.paths:
            if path_under(folded, path):
                return verdict
        if not known.path_hosts or self._imported is None:
            return known.whole
        area, listed = self._imported.of_path(known.path_hosts, folded)
        if area is not None:
            return SHIELD_VERDICT
        return known.whole if listed is None else listed_verdict(listed.rule, listed.category, listed.source)

    def _why_not_inspected(self, host: Levels, shields: list[str], whole: Verdict) -> NotInspected | None:
        if "" in shields:
            return NotInspected.SHIELD
        if whole.category in self._banking:
            return NotInspected.BANKING
        return NotInspected.PINNED if self._pinned.covering(host) else None


def _divided(host: str, covering: list[tuple[SiteRule, Verdict]]) -> tuple[tuple[tuple[str, Verdict], ...], Verdict]:
    """The paths judged apart, and the verdict on the rest: the nearest rule for the whole site ends the search."""
    paths: list[tuple[str, Verdict]] = []
    for rule, verdict in covering:
        if not rule.path:
            return tuple(paths), verdict
        paths.append((rule.path, verdict))
    return tuple(paths), not_listed(f"No list names {host}")


def _version(policy_version: str, imported: ListsInForce | None) -> str:
    """Of all that decides: where lists are in force, they do."""
    return policy_version if imported is None else digest([policy_version, imported.compiled.version])[:16]
