"""`fairgate rejudge`: what the policy now, or another one, would say of what was recorded.

Owns the command: its days, its two forms of answer, and who it says has looked. Promises: it changes nothing that was
recorded (history keeps the verdict of its own time); it names no host, no path, no phrase and no person; it reads the
store as a report does, while `fairgate store` runs, and in bounded memory.

Which rule decides now is named only on request (`--rules`), and only where it stands in the school's own policy files:
a pattern is the name of a site, and with it the counts say what somebody looked at. The pattern of a list that others
publish is never named.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, TextIO

from analytics.categorise import Judge
from analytics.governance.governance import Governance
from analytics.governance.operating_account import operating_account
from analytics.judged_again import JudgeAgain, Judged, Missing
from analytics.lists.listed import lists_in_force
from analytics.queries.judged_then import JudgedThen, Look, read_judged
from analytics.queries.london import london_today
from analytics.rejudge_tally import Change, Count, RejudgeTally
from analytics.store import open_store
from config.errors import FairgateError
from config.policy import Policy, load_policy
from config.settings import Settings
from config.state import StateFolder

SHIELD_ADVICE: Final = (
    "They were recorded before this shield covered them, and a record cannot be rewritten: do not open or rely on "
    "them, leave them out of every report, and let them go when their time is over. Publish the policy, so that no "
    "more are made."
)
_MISSING: Final = {
    Missing.PATH: "only the site was kept, and the policy judges parts of it differently",
    Missing.PHRASE: "what was searched for was not kept, and a search can be shielded by its words",
    Missing.PAGE: "too little was kept of the page that fetched it",
    Missing.CONNECTION: "the connection was not opened then, and would be now",
}


def rejudge(
    settings: Settings,
    state: StateFolder,
    first: date,
    last: date | None,
    out: TextIO,
    *,
    policy: Path | None = None,
    as_json: bool = False,
    rules: bool = False,
) -> None:
    """Write to `out` what `policy` (the school's own where not given) would say of these London days, both included.

    Raises:
        ConfigError: a policy file cannot be used. FairgateError: the days are the wrong way round.
        StoreError: the store is down.
    """
    last = last or london_today()
    if last < first:
        raise FairgateError(f"The last day, {last}, is before the first, {first}. Give them the other way round.")
    now = load_policy(policy or settings.policy)
    judge = Judge(now, lists_in_force(state.lists, now))
    look = Look(
        account=operating_account(), first=first, last=last, policy_version=judge.policy_version, rules_shown=rules
    )
    governance, store = Governance(state.governance), open_store(settings, state)
    try:
        then = read_judged(store, governance, look)
        again = JudgeAgain(judge, now, then.known, load_policy(settings.policy) if policy else None)
        tally = count_again(then, again, _patterns(now) if rules else frozenset())
    finally:
        store.close()
        governance.close()
    out.write((json.dumps(_plain(tally, look)) if as_json else "\n".join(_lines(tally, look, now))) + "\n")


def count_again(then: JudgedThen, again: JudgeAgain, named: frozenset[str]) -> RejudgeTally:
    """Judge all events of a look again, and count; of the rules that decide now, `named` may be named.

    Raises:
        StoreError: the store is down.
    """
    tally = RejudgeTally(named)
    for row in then.rows:
        judged = Judged.of(row)
        tally.add(judged, row["person_id"], again.verdict(judged), again.opened(judged.host))
    return tally


def _patterns(policy: Policy) -> frozenset[str]:
    return frozenset(rule.pattern for rule in policy.sites)


def _plain(tally: RejudgeTally, look: Look) -> dict[str, Any]:
    found = tally.plain()
    found["would_be_shielded"]["advice"] = SHIELD_ADVICE if tally.shielded.events else ""
    return {
        "since": look.first.isoformat(),
        "until": look.last.isoformat(),
        "policy_version": look.policy_version,
        **found,
    }


def _lines(tally: RejudgeTally, look: Look, policy: Policy) -> Iterator[str]:
    yield (
        f"{_visits(tally.all)} from {look.first} to {look.last}, judged again by policy {look.policy_version}. "
        "Nothing was changed: what was recorded keeps the verdict of its own time."
    )
    yield f"As they were judged then: {_visits(tally.same)}."
    yield f"Judged differently now: {_visits_of_people(tally.changed)}."
    titles = {key: category.title for key, category in policy.categories.items()}
    for change, count in tally.changes_by_weight():
        yield f"  {_change(change, titles)}: {_visits_of_people(count)}"
    yield from _shielded(tally.shielded)
    for missing, count in tally.missing.items():
        if count.events:
            yield f"Could not be judged again, because {_MISSING[missing]}: {_visits(count)}."
    if tally.passed_through.events:
        yield f"Would no longer be opened, so that only the site is seen: {_visits(tally.passed_through)}."


def _shielded(count: Count) -> Iterator[str]:
    if count.events:
        yield f"Would be shielded now: {_visits(count)}. {SHIELD_ADVICE}"


def _change(change: Change, titles: Mapping[str, str]) -> str:
    decided = f", by {change.list_name}" if change.list_name else ", as no list names it"
    rule = f" ({change.rule})" if change.rule else ""
    return f"{_meaning(change.then, titles)} -> {_meaning(change.now, titles)}{decided}{rule}"


def _meaning(meaning: tuple[str, str, int], titles: Mapping[str, str]) -> str:
    category, purpose, gravity = meaning
    return f"{titles.get(category, category)} ({purpose}, gravity {gravity})"


def _visits(count: Count) -> str:
    return f"{count.visits:,} visit{'' if count.visits == 1 else 's'} ({_exchanges(count)})"


def _visits_of_people(count: Count) -> str:
    people = len(count.people)
    whose = f" of {people} {'person' if people == 1 else 'people'}" if people else ""
    return f"{count.visits:,} visit{'' if count.visits == 1 else 's'}{whose} ({_exchanges(count)})"


def _exchanges(count: Count) -> str:
    return f"{count.events:,} exchange{'' if count.events == 1 else 's'} in all"
