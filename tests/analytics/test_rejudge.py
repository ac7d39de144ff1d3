"""`fairgate rejudge` on a small school whose events were spooled, sealed and loaded like any others."""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from analytics import rejudge as module
from analytics.categorise import Judge
from analytics.event import Kind
from analytics.governance import SYSTEM, Action, Governance
from analytics.judged_again import JudgeAgain
from analytics.queries.judged_then import Look, read_judged
from analytics.rejudge import count_again, rejudge
from analytics.spool import SpoolWriter
from analytics.store import EventStore, open_store
from analytics.store.columns import table_of
from config.errors import FairgateError, StoreError
from config.policy import load_policy
from config.settings import Settings
from config.state import StateFolder
from tests.analytics.judged_events import Gateway
from tests.analytics.spool.samples import SEALER, heartbeat
from tests.config.policy_folder import change, copy_policy
from tests.support.stores import running_daemon, server_store

FIRST, LAST = date(2026, 9, 21), date(2026, 9, 22)
DAY_MS = 86_400_000
SECRETS = ("amazon", "argos", "theguardian", "bbc", "guttmacher", "p-ann", "p-zoe", "bet365", "purple widgets")


def at(day: date, hour: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp() * 1000)


def events() -> Iterator[Any]:
    """Two people's two days, as a gateway with the shipped policy records them."""
    gateway = Gateway.of(load_policy())
    pages = [
        ("https://www.amazon.co.uk/dp/1", "p-ann", FIRST),
        ("https://www.amazon.co.uk/dp/2", "p-ann", FIRST),
        ("https://www.amazon.co.uk/", "p-zoe", LAST),
        ("https://www.argos.co.uk/", "p-zoe", LAST),
        ("https://www.theguardian.com/uk", "p-zoe", LAST),
        ("https://www.google.com/search?q=purple+widgets", "p-ann", LAST),
        ("https://www.bet365.com/", "p-ann", LAST),
    ]
    for hour, (url, person_id, day) in enumerate(pages, 8):
        yield gateway.event(url, ts_ms=at(day, hour), person_id=person_id)
        yield gateway.event(
            "https://images.example/i.png", Kind.SUBRESOURCE, url, ts_ms=at(day, hour) + 5, person_id=person_id
        )


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, StateFolder]]:
    """`fairgate store` running, with everything loaded."""
    root = tmp_path_factory.mktemp("school") / "state"
    with running_daemon(root) as (settings, state):
        Governance.found(state.governance, "oakfield", "Oakfield Primary").close()
        with SpoolWriter(state.spool / "gate-0", "oakfield", "gate-0", SEALER) as writer:
            for event in events():
                assert writer.put(event)
            assert writer.put(heartbeat())
        store = open_store(settings, state)
        deadline = time.monotonic() + 60
        while loaded(store) < 14:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        store.close()
        yield settings, state


def loaded(store: EventStore) -> int:
    try:
        return int(store.arrow("SELECT count() AS n FROM events").to_pylist()[0]["n"])
    except StoreError:
        return 0


@pytest.fixture
def tried(tmp_path: Path) -> Path:
    """A policy to try: Amazon is where the school orders, and two sites are shielded."""
    folder = copy_policy(tmp_path)
    lists = folder.parent / "lists.toml"
    own = '[ours]\ntitle = "Our own"\nquality = "evidence"\nfiles = ["ours.toml"]\nwhy = "Orders."\nauthor = "Head"\n\n'
    lists.write_text(own + lists.read_text("utf-8"), "utf-8")
    (folder / "ours.toml").write_text('school_suppliers = ["amazon.co.uk"]\n', "utf-8")
    change(folder / "shield.toml", '"*.nhs.uk", ', '"*.nhs.uk", "argos.co.uk", ')
    return folder


def run(school: tuple[Settings, StateFolder], **options: Any) -> str:
    out = StringIO()
    rejudge(*school, FIRST, LAST, out, **options)
    return out.getvalue()


def as_json(school: tuple[Settings, StateFolder], **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(school, as_json=True, **options))
    return found


def test_by_the_policy_that_judged_it_nothing_would_change(school: tuple[Settings, StateFolder]) -> None:
    found = as_json(school)
    assert found["all"] == {"events": 14, "visits": 7, "people": 2}
    assert found["unchanged"] == found["all"]
    assert found["changes"] == []
    assert found["policy_version"] == load_policy().version


def test_what_another_policy_would_change_is_counted_by_verdict_then_and_now(
    school: tuple[Settings, StateFolder], tried: Path
) -> None:
    found = as_json(school, policy=tried)
    pages, pulled_in = found["changes"]
    assert pages == {
        "then": {"category": "shopping", "purpose": "private", "gravity": 1},
        "now": {"category": "school_suppliers", "purpose": "work", "gravity": 0},
        "list": "Our own",
        "events": 3, "visits": 3, "people": 2,
    }  # fmt: skip
    # What the pages pulled in is nobody's choice: it changes, and affects nobody.
    assert pulled_in["then"] == {"category": "shopping", "purpose": "private", "gravity": 0}
    assert (pulled_in["events"], pulled_in["visits"], pulled_in["people"]) == (3, 0, 0)
    assert found["changed"] == {"events": 6, "visits": 3, "people": 2}
    assert {key: found["would_be_shielded"][key] for key in ("events", "visits")} == {"events": 2, "visits": 1}
    assert found["would_be_shielded"]["advice"].startswith("They were recorded before this shield")
    missing = sum(each["events"] for each in found["not_rejudged"].values())
    assert found["unchanged"]["events"] + 6 + 2 + missing == 14


def test_the_answer_names_no_host_no_phrase_and_nobody(school: tuple[Settings, StateFolder], tried: Path) -> None:
    for options in ({"as_json": True}, {}):
        text = run(school, policy=tried, **options)
        assert [secret for secret in SECRETS if secret in text] == []


def test_a_rule_of_the_schools_own_is_named_only_when_asked_for(
    school: tuple[Settings, StateFolder], tried: Path
) -> None:
    changes = as_json(school, policy=tried, rules=True)["changes"]
    assert [each["rule"] for each in changes] == ["amazon.co.uk", "amazon.co.uk"]
    assert "by Our own (amazon.co.uk)" in run(school, policy=tried, rules=True)


def test_it_says_in_sentences_what_would_change(school: tuple[Settings, StateFolder], tried: Path) -> None:
    text = run(school, policy=tried)
    lines = text.splitlines()
    assert lines[0].startswith("7 visits (14 exchanges in all) from 2026-09-21 to 2026-09-22, judged again by policy ")
    assert "Nothing was changed" in lines[0]
    assert "Judged differently now: 3 visits of 2 people (6 exchanges in all)." in lines
    assert any(line.startswith("Would be shielded now: 1 visit (2 exchanges in all).") for line in lines)
    titles = load_policy().categories
    moved = f"  {titles['shopping'].title} (private, gravity 1) -> {titles['school_suppliers'].title} (work, gravity 0)"
    assert f"{moved}, by Our own: 3 visits of 2 people (3 exchanges in all)" in lines


def contents(school: tuple[Settings, StateFolder]) -> tuple[Any, ...]:
    """Everything in the store, and a digest of every file of the spool."""
    settings, state = school
    store = open_store(settings, state)
    tables = ("events", "visits", "visit_builds", "daily", "heartbeats", "seals", "gaps", "shield_counts")
    rows = [store.arrow(f"SELECT * FROM {name} ORDER BY ALL").to_pylist() for name in tables]  # noqa: S608 - ours
    store.close()
    files = sorted(path for path in state.gateway.rglob("*") if path.is_file())
    return rows, [(path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def test_it_changes_nothing(school: tuple[Settings, StateFolder], tried: Path) -> None:
    before = contents(school)
    run(school, policy=tried, rules=True)
    assert contents(school) == before


def test_the_look_is_on_record_with_the_account_that_ran_it_and_no_person(
    school: tuple[Settings, StateFolder], tried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "operating_account", lambda: "fairgate-admin")
    run(school, policy=tried)
    governance = Governance(school[1].governance)
    entry = governance.audit.entries(limit=1)[0]
    assert (entry.what, entry.who, entry.whom) == (Action.REJUDGED, SYSTEM, "")
    assert entry.detail == {
        "account": "fairgate-admin",
        "purpose": "rejudge",
        "query": "judged_then",
        "span": "2026-09-21 to 2026-09-22",
        "policy_version": load_policy(tried).version,
        "rules_shown": 0,
    }
    assert governance.verify_audit() == []
    governance.close()


def test_only_the_days_asked_for_are_judged(school: tuple[Settings, StateFolder]) -> None:
    out = StringIO()
    rejudge(*school, FIRST, FIRST, out, as_json=True)
    assert json.loads(out.getvalue())["all"] == {"events": 4, "visits": 2, "people": 1}


def test_days_the_wrong_way_round_are_explained(school: tuple[Settings, StateFolder]) -> None:
    with pytest.raises(FairgateError, match="before the first"):
        rejudge(*school, LAST, FIRST, StringIO())


def test_a_store_that_is_down_is_said(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    Governance.found(state.governance, "oakfield", "Oakfield Primary").close()
    with pytest.raises(StoreError, match="does not answer"):
        rejudge(Settings(school="oakfield", school_name="Oakfield Primary"), state, FIRST, LAST, StringIO())


@pytest.mark.slow
def test_a_clickhouse_server_gives_the_same_counts(
    school: tuple[Settings, StateFolder], tried: Path, tmp_path: Path
) -> None:
    here, policy = as_json(school, policy=tried), load_policy(tried)
    governance = Governance(school[1].governance)
    look = Look(account="x", first=FIRST, last=LAST, policy_version=policy.version, rules_shown=False)
    with server_store(tmp_path / "served") as store:
        rows = [{**asdict(event), "received_ms": 1} for event in events()]
        store.insert("events", table_of("events", rows), "once")
        then = read_judged(store, governance, look)
        again = JudgeAgain(Judge(policy), policy, then.known, load_policy())
        tally = count_again(then, again, frozenset()).plain()
    governance.close()
    assert tally["changes"] == here["changes"]
    assert tally["not_rejudged"] == here["not_rejudged"]


@pytest.mark.slow
def test_the_command_line_gives_one_json_object_while_the_store_runs(
    school: tuple[Settings, StateFolder], tried: Path
) -> None:
    state = school[1]
    state.settings.write_text('school = "oakfield"\nschool_name = "Oakfield Primary"\n', "utf-8")
    command = [str(Path(sys.executable).with_name("fairgate")), "rejudge", "--state", str(state.root)]
    days = ["--policy", str(tried), "--since", "2026-09-21", "--until", "2026-09-22", "--json"]
    done = subprocess.run([*command, *days], capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout) == as_json(school, policy=tried)
