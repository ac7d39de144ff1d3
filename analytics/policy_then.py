"""What is known of the policy that judged an event: from the stored events, and from the policy in force.

Owns two kinds of knowledge. Of any policy the events themselves show which lists it had and of which categories it
kept phrases. Of the policy in force, whose files are at hand, everything is known: which parts of a site an event can
have been of, since any other part would have been judged otherwise then.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analytics.categorise import Judge, Verdict
from analytics.event import Purpose
from config.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownThen:
    """What the stored events show, all together, of the policies that judged them."""

    phrased: frozenset[tuple[str, str]] = frozenset()
    """Each (policy version, category) of which search phrases were kept."""
    lists: frozenset[tuple[str, str, str]] = frozenset()
    """Each (policy version, list's name, list's version) that decided something."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a site that both policies judge as one: how it was judged then, and is now."""

    then: Verdict
    now: Verdict


class PolicyThen:
    """A policy all of which is known, beside the one that judges `now`."""

    def __init__(self, policy: Policy, now: Policy, judge_now: Judge) -> None:
        self.version = policy.version
        self.phrased = frozenset(
            (policy.version, key) for key, category in policy.categories.items() if category.keep == "phrase"
        )
        self._judge, self._now = Judge(policy), judge_now
        self._shields_more = not (_phrases(now) <= _phrases(policy) and _innocent(policy) <= _innocent(now))

    def parts(self, host: str, rule: str | None, list_name: str) -> tuple[Part, ...]:
        """The parts of the site that were not shielded then, and that `rule` of `list_name` decided (None: any); none
        where they cannot all be known."""
        if self._now.names_paths_unseen(host):
            return ()
        return tuple(
            part
            for part in self._parts(host)
            if part.then.purpose is not Purpose.SHIELDED
            and (rule is None or (part.then.rule, part.then.list_name) == (rule, list_name))
        )

    def searched_safely(self, parts: tuple[Part, ...]) -> bool:
        """Whether no search there can be shielded by its words now that was not already shielded then."""
        return not self._shields_more and all(set(part.now.phrase_keys) <= set(part.then.phrase_keys) for part in parts)

    def _parts(self, host: str) -> Iterator[Part]:
        for path in sorted({"", *self._judge.paths_apart(host), *self._now.paths_apart(host)}):
            yield Part(self._judge.judge(host, path), self._now.judge(host, path))


def _phrases(policy: Policy) -> set[str]:
    return {phrase for area in policy.shield for phrase in area.phrases}


def _innocent(policy: Policy) -> set[str]:
    return {phrase for area in policy.shield for phrase in area.innocent}
