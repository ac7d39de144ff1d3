"""What every backend promises, in one suite: embedded chDB, and ClickHouse over its native protocol."""

import fcntl
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.event import FIELDS, WebEvent, as_dict, encode
from analytics.event_id import new_event_id
from analytics.store import EventStore
from analytics.store.columns import EVENT_SELECT, SCHEMAS, event_of, table_of
from analytics.store.embedded import EmbeddedStore
from analytics.store.migrate import Migration, migrate, shipped
from config.errors import StoreError
from tests.analytics.spool.samples import web_event

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
ANY_STORE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _insert(store: EventStore, *events: WebEvent, token: str = "") -> None:
    rows = table_of("events", [{**as_dict(event), "received_ms": 1} for event in events])
    store.insert("events", rows, token or events[0].event_id)


def _stored(store: EventStore, event: WebEvent) -> list[dict[str, Any]]:
    sql = f"SELECT {EVENT_SELECT} FROM events_once WHERE event_id = {{id:String}}"  # noqa: S608 - our own columns
    found: list[dict[str, Any]] = store.arrow(sql, {"id": event.event_id}).to_pylist()
    return found


def test_a_fresh_store_has_all_migrations_and_applies_none_twice(store: EventStore) -> None:
    assert migrate(store) == []
    applied = store.arrow("SELECT number FROM schema_migrations ORDER BY number").to_pylist()
    assert [row["number"] for row in applied] == [migration.number for migration in shipped()]


def test_a_migration_altered_after_it_was_applied_is_refused(store: EventStore) -> None:
    altered = [Migration(one.number, one.name, one.sql + "\n-- altered") for one in shipped()]
    with pytest.raises(StoreError, match=r"0001_records was altered after it was applied"):
        migrate(store, altered)


def test_a_store_of_a_newer_fairgate_is_refused(store: EventStore) -> None:
    with pytest.raises(StoreError, match=r"made by a newer Fairgate \(it has migration 0002\)"):
        migrate(store, shipped()[:1])


@ANY_STORE
@given(
    texts=st.fixed_dictionaries(dict.fromkeys(("host", "path", "search_phrase", "rule", "content_type"), TEXTS)),
    numbers=st.fixed_dictionaries(dict.fromkeys(("ts_ms", "bytes_down", "port", "seq", "duration_ms"), NUMBERS)),
    absent=st.sampled_from([None, "", "p-07", "o'Brien\\"]),
    flag=st.booleans(),
)
def test_the_canonical_bytes_of_an_event_can_be_made_again_from_its_row(
    store: EventStore, texts: dict[str, Any], numbers: dict[str, Any], absent: str | None, flag: bool
) -> None:
    event = web_event(
        event_id=new_event_id(), **texts, **numbers, person_id=absent, device_id=absent, upload=flag, media=not flag
    )
    _insert(store, event)
    [row] = _stored(store, event)
    assert encode(event_of(row)) == encode(event)


def test_every_field_of_an_event_is_a_column(store: EventStore) -> None:
    columns = set(store.arrow("SELECT * FROM events LIMIT 0").column_names)
    assert set(FIELDS) | {"received_ms"} == columns
    assert SCHEMAS["events"].names == [*FIELDS, "received_ms"]


def test_the_same_token_twice_inserts_once(store: EventStore) -> None:
    event = web_event(event_id=new_event_id())
    for _ in range(3):
        _insert(store, event, token=f"once/{event.event_id}")
    counted = store.arrow("SELECT count() AS n FROM events WHERE event_id = {id:String}", {"id": event.event_id})
    assert counted.to_pylist() == [{"n": 1}]


def test_another_token_inserts_again_and_the_view_still_counts_once(store: EventStore) -> None:
    event = web_event(event_id=new_event_id())
    _insert(store, event, token=f"a/{event.event_id}")
    _insert(store, event, token=f"b/{event.event_id}")
    counted = store.arrow("SELECT count() AS n FROM events WHERE event_id = {id:String}", {"id": event.event_id})
    assert counted.to_pylist() == [{"n": 2}]
    assert len(_stored(store, event)) == 1


def test_one_insert_may_spread_over_many_months(store: EventStore) -> None:
    events = [
        web_event(event_id=new_event_id(), ts_ms=month * 2_700_000_000, host="months.example") for month in range(150)
    ]
    _insert(store, *events)
    counted = store.arrow(
        "SELECT count() AS n, uniqExact(toYYYYMM(day)) AS m FROM events WHERE host = 'months.example'"
    )
    [row] = counted.to_pylist()
    assert row["n"] == 150
    assert row["m"] > 100


@pytest.mark.parametrize(
    ("ts_ms", "day"),
    [
        (1_790_000_000_000, date(2026, 9, 21)),
        (1_782_860_399_999, date(2026, 6, 30)),
        (1_782_860_400_000, date(2026, 7, 1)),
        (-5, date(1970, 1, 1)),
        (2**53 - 1, date(2100, 1, 1)),
    ],
)
def test_the_day_of_an_event_is_its_london_date(store: EventStore, ts_ms: int, day: date) -> None:
    event = web_event(event_id=new_event_id(), ts_ms=ts_ms)
    _insert(store, event)
    found = store.arrow("SELECT day FROM events_once WHERE event_id = {id:String}", {"id": event.event_id})
    assert found.to_pylist() == [{"day": day}]


def test_an_empty_answer_keeps_its_columns_and_their_types(store: EventStore) -> None:
    frame = store.query("SELECT host, ts_ms, upload, person_id, day FROM events_once WHERE school = 'nowhere'")
    assert list(frame.columns) == ["host", "ts_ms", "upload", "person_id", "day"]
    assert isinstance(frame["host"].dtype, pd.StringDtype)
    assert isinstance(frame["person_id"].dtype, pd.StringDtype)
    assert frame["ts_ms"].dtype == "int64"
    assert frame["upload"].dtype == "bool"
    assert pd.api.types.is_datetime64_dtype(frame["day"])


def test_both_kinds_of_answer_have_the_same_types(stores: dict[str, EventStore]) -> None:
    sql = (
        "SELECT toInt64(1) AS a, 'x' AS b, toDate('2026-01-01') AS c, true AS d, toLowCardinality('y') AS e, "
        "CAST(NULL AS Nullable(String)) AS f, ['p', 'q'] AS g, count() AS h, toFloat64(0.5) AS i"
    )
    answers = [store.arrow(sql) for store in stores.values()]
    assert answers[0].to_pylist() == answers[1].to_pylist()
    types = [[str(one.type).replace(" not null", "") for one in answer.schema] for answer in answers]
    assert types[0] == types[1]
    frames = [store.query(sql) for store in stores.values()]
    assert frames[0].dtypes.to_dict() == frames[1].dtypes.to_dict()


@ANY_STORE
@given(value=TEXTS)
def test_bound_text_comes_back_as_it_was_and_is_never_sql(store: EventStore, value: str) -> None:
    assert store.arrow("SELECT {v:String} AS v", {"v": value}).to_pylist() == [{"v": value}]


@ANY_STORE
@given(values=st.lists(TEXTS, max_size=4))
def test_bound_lists_come_back_as_they_were(store: EventStore, values: list[str]) -> None:
    assert store.arrow("SELECT {v:Array(String)} AS v", {"v": values}).to_pylist() == [{"v": values}]


def test_bound_numbers_and_flags_keep_their_value(store: EventStore) -> None:
    answer = store.arrow(
        "SELECT {i:Int64} AS i, {f:Float64} AS f, {b:Bool} AS b, {l:Array(Int64)} AS l",
        {"i": -(2**53), "f": 0.25, "b": True, "l": [1, -2]},
    )
    assert answer.to_pylist() == [{"i": -(2**53), "f": 0.25, "b": True, "l": [1, -2]}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT 1 INTO OUTFILE '/tmp/fairgate-outfile'",
        "SELECT 1 into\noutfile '/tmp/fairgate-outfile'",
        "SELECT 1; DROP TABLE events",
        "INSERT INTO gaps (school) VALUES ('x')",
        "ALTER TABLE events DELETE WHERE 1",
        "SET readonly = 0",
        "CREATE TABLE mine (a Int8) ENGINE = Memory",
    ],
)
def test_a_query_can_only_read_the_store(store: EventStore, sql: str) -> None:
    with pytest.raises(StoreError):
        store.query(sql)
    assert not Path("/tmp/fairgate-outfile").exists()


def test_an_insert_takes_only_plain_names(store: EventStore) -> None:
    with pytest.raises(StoreError, match="is not a name"):
        store.insert("gaps (school) SELECT 1 --", pa.table({"school": ["x"]}), "t")


def test_a_refused_statement_keeps_its_code_and_loses_its_stack(store: EventStore) -> None:
    with pytest.raises(StoreError) as refused:
        store.query("SELECT nothing_of_that_name FROM events")
    assert "code 47" in str(refused.value)
    assert "Stack trace" not in str(refused.value)
    assert "DB::" not in str(refused.value)


def test_a_store_answers_after_it_refused(store: EventStore) -> None:
    with pytest.raises(StoreError):
        store.query("SELEC")
    assert store.arrow("SELECT toInt64(1) AS one").to_pylist() == [{"one": 1}]


def test_many_threads_may_ask_at_once(store: EventStore) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        for _ in range(10):
            answer = store.arrow("SELECT {n:Int64} AS n, count() AS c FROM numbers(1000)", {"n": number}).to_pylist()
            if answer != [{"n": number, "c": 1000}]:
                wrong.append(answer)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_large_insert_arrives_whole_and_once(store: EventStore) -> None:
    host = f"large-{new_event_id()}.example"
    rows = table_of(
        "events", [{**as_dict(web_event(event_id=str(i), host=host)), "received_ms": 1} for i in range(20_000)]
    )
    for _ in range(2):
        store.insert("events", rows, host)
    counted = store.arrow(
        "SELECT count() AS n, uniqExact(event_id) AS u FROM events WHERE host = {h:String}", {"h": host}
    )
    assert counted.to_pylist() == [{"n": 20_000, "u": 20_000}]


def test_an_engine_that_cannot_be_opened_lets_go_of_its_folder(stores: dict[str, EventStore], tmp_path: Path) -> None:
    """A process has one chDB path; asking for another must leave nothing held."""
    with pytest.raises(StoreError):
        EmbeddedStore(tmp_path / "second")
    with (tmp_path / "second" / "owner.lock").open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
