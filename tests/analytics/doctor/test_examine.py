"""The whole of `fairgate doctor`: its exit status, its JSON, and that it names nobody and no site."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analytics.doctor import examine as examining
from analytics.doctor.examine import CHECKS, MONITORS, examine, findings_of
from analytics.doctor.examined import Examined, examined
from analytics.doctor.finding import Findings
from analytics.snapshot import Snapshot, write_snapshot
from config.state import StateFolder
from fairgate import app
from tests.analytics.doctor.conftest import DEVICE, PERSON, School, now_ms
from tests.analytics.spool.samples import web_event, writer

CANARY = "zq4711x"


def told(school: School, *, as_json: bool = False) -> tuple[int, str]:
    out = io.StringIO()
    return examine(school.state, as_json=as_json, out=out), out.getvalue()


def test_it_says_first_that_it_monitors_and_last_how_much_was_found(school: School) -> None:
    status, said = told(school)
    first, *_, last = said.splitlines()
    assert (status, first) == (1, MONITORS)
    assert "must be mended" in last
    assert f"{len(CHECKS)} checks were made." in last
    assert [line.split()[0] for line in said.splitlines()[1:-1]] == sorted(
        line.split()[0] for line in said.splitlines()[1:-1]
    ), "what must be mended comes first"


def test_the_exit_status_is_one_exactly_where_something_must_be_mended(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "CHECKS", {"told": CHECKS["told"]})
    monkeypatch.setattr(examining.findings_of, "__defaults__", ({"told": CHECKS["told"]},))
    school.publish(people=())
    status, said = told(school)
    assert status == 0
    assert "Nothing must be mended, 1 is worth knowing." in said


def test_programs_get_the_same_as_json(school: School) -> None:
    status, said = told(school, as_json=True)
    found = json.loads(said)
    assert (status, found["fit"], found["checks"]) == (1, False, list(CHECKS))
    assert {tuple(sorted(each)) for each in found["findings"]} == {("check", "fix", "level", "what", "where")}


def test_a_check_that_fails_stops_none_of_the_others(school: School) -> None:
    def fails(_: Examined) -> Findings:
        raise ValueError(CANARY)
        yield

    found = list(findings_of(school.seen(), {"fails": fails, "processes": CHECKS["processes"]}))
    assert found[0].line.startswith("MEND [fails] This check itself failed (ValueError).")
    assert len(found) == 4
    assert CANARY not in found[0].line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_account_that_may_not_look_is_told_that_and_nothing_untrue(school: School) -> None:
    school.state.root.chmod(0o700)
    for above in (school.state.root.parent, *school.state.root.parent.parents):
        if above.owner() == "root" and above.name.startswith(("pytest", "test_")):
            above.chmod(0o755)
    os.setresuid(65_534, 65_534, 0)
    try:
        (found,) = findings_of(examined(school.state))
    finally:
        os.setresuid(0, 0, 0)
    assert "This account may not look into the state folder" in found.what


def test_looking_changes_nothing(school: School) -> None:
    def all_of_it() -> dict[str, tuple[int, int, bytes]]:
        return {
            str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path in [school.state.root, *school.state.root.rglob("*")]
        }

    school.state.root.chmod(0o755)
    before = all_of_it()
    told(school)
    assert all_of_it() == before
    assert not (school.state.root.parent / "absent").exists()
    examine(StateFolder(school.state.root.parent / "absent"), as_json=False, out=io.StringIO())
    assert not (school.state.root.parent / "absent").exists()


def test_the_command_prints_it_and_ends_with_its_status(school: School) -> None:
    done = CliRunner().invoke(app, ["doctor", "--state", str(school.state.root)])
    assert done.exit_code == 1
    assert "[processes] The gateway is not at work." in done.output


HOSTS = st.sampled_from([f"{CANARY}.example", f"www.{CANARY}.co.uk"])
PEOPLE = st.lists(
    st.builds(
        lambda number, told_ms, name: replace(
            PERSON, person_id=f"{CANARY}-{number}", username=f"{CANARY}.{name}", told_ms=told_ms, hours=CANARY
        ),
        st.integers(0, 99),
        st.integers(0, 1),
        st.text(st.characters(categories=["Ll"]), max_size=8),
    ),
    max_size=4,
)
DEVICES = st.lists(
    st.builds(
        lambda number, where: replace(
            DEVICE, device_id=f"{CANARY}-{number}", addresses=where, hostnames=(), person_id=f"{CANARY}-1"
        ),
        st.integers(0, 99),
        st.sampled_from([(), ("10.0.0.9",)]),
    ),
    max_size=3,
)


@settings(max_examples=25, deadline=None)
@given(PEOPLE, DEVICES, HOSTS, st.binary(max_size=40), st.booleans())
def test_no_site_address_person_or_device_is_ever_in_it(
    people: list[object], devices: list[object], host: str, damage: bytes, broken: bool
) -> None:
    with TemporaryDirectory() as folder:
        state = StateFolder(Path(folder) / "state").prepare()
        text = f'school = "oak"\nschool_name = "{CANARY} Primary"\n[gateway]\nmode = "transparent"\n'
        named = f'[gateway.upstream]\nproxy = "http://{host}:1"\n' + f'forward = "{CANARY}"\n' * broken
        state.settings.write_text(text + named)
        write_snapshot(
            Snapshot(school="oak", made_ms=1, people=tuple(people), devices=tuple(devices), permissions=()),  # type: ignore[arg-type]
            state.snapshot,
        )
        with writer(state.spool / "gate-0") as spool:
            event = web_event(
                ts_ms=now_ms() - 3_600_000, host=host, domain=host, path=f"/{CANARY}", search_phrase=CANARY,
                person_id=CANARY, device_id=CANARY, client_ip="10.99.99.99", initiator_host=host,
            )  # fmt: skip
            spool.put(event)
        (state.spool / "gate-0" / "00000077.open").write_bytes(damage + CANARY.encode())
        (state.lists / "in-force.lists").write_bytes(damage + CANARY.encode())
        (state.root / "run" / "gateway.lock").write_text(str(os.getpid()))
        for as_json in (False, True):
            out = io.StringIO()
            examine(state, as_json=as_json, out=out)
            assert CANARY not in out.getvalue()
            assert "10.99" not in out.getvalue()
            assert "10.0.0.9" not in out.getvalue()
