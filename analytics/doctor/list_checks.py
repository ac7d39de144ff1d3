"""Checks of the imported lists: there, sound, young enough."""

from typing import Final

from analytics.doctor.examined import DAY_MS, Examined
from analytics.doctor.finding import Findings, mend, note
from analytics.lists.compiled import ListHead
from analytics.lists.listed import lists_in_force
from config.errors import ConfigError
from config.policy import Policy

WAITS_LONG_DAYS: Final = 7


def lists(seen: Examined) -> Findings:
    """Whether the imported lists in force are sound, and not older than the policy allows."""
    if seen.policy is None or not seen.state.lists.is_dir():
        return
    try:
        found = lists_in_force(seen.state.lists, seen.policy)
    except (ConfigError, OSError):
        yield mend(
            "The imported lists in force are damaged, and no gateway would start with them.",
            seen.state.lists,
            "Put the ones before in force again: fairgate lists rollback.",
        )
        return
    if found is None:
        yield note(
            "No imported lists are in force: most sites will be unknown, which counts against nobody.",
            seen.state.lists,
            "Take some in: fairgate lists update, then fairgate lists apply.",
        )
        return
    for head in found.compiled.lists:
        yield from _age(head, seen.policy, seen)


def _age(head: ListHead, policy: Policy, seen: Examined) -> Findings:
    source = policy.list_sources.get(head.key)
    days = (seen.now_ms - head.taken_ms) // DAY_MS
    if source is not None and days > source.oldest_days:
        yield mend(
            f"The list {head.key} is {days} days old; lists.toml allows {source.oldest_days}. Sites change hands.",
            seen.state.lists,
            "Take in a newer one: fairgate lists update, then fairgate lists apply.",
        )


def waiting(seen: Examined) -> Findings:
    """Whether lists have long been waiting to be put in force."""
    try:
        since_ms = int((seen.state.lists / "waiting.lists").stat().st_mtime * 1000)
    except OSError:
        return
    if (days := (seen.now_ms - since_ms) // DAY_MS) > WAITS_LONG_DAYS:
        yield note(
            f"Newer lists have been waiting for {days} days.", seen.state.lists, "Look at them: fairgate lists apply."
        )
