"""A school is entered at the command line, in the order that `fairgate init` names."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from analytics.governance import Governance
from analytics.governance.command_words import HAND_OVER
from analytics.governance.operating_account import at_command_line
from config.errors import FairgateError
from fairgate import app

type Run = Callable[..., str]
STAFF = 'name,type,hours,proxy_username\nAnn Bell,teacher,teacher,Ann.Bell\n"Rees, Tom",supply,,\n'


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "school"


@pytest.fixture
def run(state: Path) -> Run:
    """What a command says; its fault is raised as the front door meets it."""

    def invoke(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--state", str(state)])
        if done.exception is not None:
            raise done.exception
        return done.output

    return invoke


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A school's folder as its set-up left it, and what that said."""
    folder = tmp_path_factory.mktemp("founded") / "school"
    names = ("--headteacher", "Mary O'Neill", "--chair", "Jo Hill", "--technician", "Sam Ash", "--state", str(folder))
    return folder, CliRunner().invoke(app, ["init", "--school", "oakfield", "--school-name", "Oakfield", *names]).output


@pytest.fixture
def school(founded: tuple[Path, str], state: Path) -> str:
    """A fresh school; what its set-up said."""
    shutil.copytree(founded[0], state)
    return founded[1]


def acts(state: Path, *, by: str) -> list[str]:
    """What the audit log says that `by` did; the log must hold."""
    governance = Governance(state / "governance" / "governance.sqlite")
    try:
        assert governance.verify_audit() == []
        return [entry.what for entry in reversed(governance.audit.entries()) if entry.who == by]
    finally:
        governance.close()


def snapshot(state: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((state / "snapshot" / "snapshot.json").read_text())
    return read


def id_of(run: Run, name: str) -> str:
    return next(line.split()[0] for line in run("people", "list").splitlines() if name in line)


def test_from_an_empty_folder_to_a_snapshot_that_holds_everybody_told(
    school: str, run: Run, state: Path, tmp_path: Path
) -> None:
    steps = [school.index(f"fairgate {step}") for step in ("people", "devices", "told", "publish", "gateway")]
    assert steps == sorted(steps)
    (tmp_path / "staff.csv").write_text(STAFF)
    imported = run("people", "import", str(tmp_path / "staff.csv"))
    assert len(re.findall(r"one-time password \S{10,}", imported)) == 1
    ann = id_of(run, "Ann Bell")
    device = run("devices", "add", "--class", "staff", "--address", "::ffff:10.0.0.5", "--person", ann).split()[0]
    told = run("told", "--everyone")
    assert "4 told" in told
    assert "the next fairgate publish puts in force" in told
    assert all(output.endswith(f"{HAND_OVER}\n") for output in (imported, told))
    assert "(0 not yet told of this policy)" in run("publish")
    read = snapshot(state)
    assert len(read["people"]) == 4
    assert all(0 < person["told_ms"] <= read["made_ms"] for person in read["people"])
    assert {(one["username"], one["hours"]) for one in read["people"] if one["person_id"] == ann} == {
        ("ann.bell", "teacher")
    }
    assert [(one["device_id"], one["addresses"], one["person_id"]) for one in read["devices"]] == [
        (device, ["10.0.0.5"], ann)
    ]
    by_us = ["person_added", "person_added", "device_added", "device_assigned", *["told"] * 4]
    assert acts(state, by=at_command_line()) == by_us


def test_a_list_of_who_was_told_is_taken_whole_or_not_at_all(school: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "told.csv"
    file.write_text("person,date,how\nMary O'Neill,2020-09-01,training_day\nNobody,2020-09-01,paper\n")
    with pytest.raises(FairgateError, match="line 3, person: found 'Nobody'"):
        run("told", "--csv", str(file))
    assert "2020" not in run("people", "list")
    file.write_text("person,date,how\nMary O'Neill,2020-09-01,training_day\nJo Hill,01/09/2020,paper\n")
    assert "2 told" in run("told", "--csv", str(file))
    assert run("people", "list").count("2020-09-01") == 2
    with pytest.raises(FairgateError, match="one of these"):
        run("told", "--csv", str(file), "--everyone")


def test_whoever_comes_after_publishing_is_not_told_until_it_is_recorded(school: str, run: Run, state: Path) -> None:
    run("told", "--everyone")
    run("publish")
    person = run("people", "add", "Zoe Quill", "--type", "volunteer").split()[0]
    assert "not yet told" in next(line for line in run("people", "list").splitlines() if person in line)
    assert "(1 not yet told of this policy)" in run("publish")
    assert "1 told" in run("told", "--everyone")
    assert "(0 not yet told of this policy)" in run("publish")
    assert "which is in force" in run("told", person, person)


def test_the_proxy_password_is_printed_once_and_kept_nowhere(school: str, run: Run, state: Path) -> None:
    said = run("people", "add", "Ann Bell", "--type", "teacher", "--proxy-username", "ann")
    password = said.split("password ")[1].split()[0]
    run("publish")
    written = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert password not in run("people", "list")
    assert password.encode() not in written
    assert b"$argon2id$" in written


def test_whoever_left_is_not_handed_to_the_gateway(school: str, run: Run, state: Path) -> None:
    person = run("people", "add", "Ann Bell", "--type", "teacher").split()[0]
    run("people", "leave", person)
    run("publish")
    assert person not in {one["person_id"] for one in snapshot(state)["people"]}


REFUSED = [
    (("people", "add", "Ann", "--type", "pupil"), r"--type: found 'pupil'; allowed: teacher, support, supply"),
    (("people", "add", "Ann", "--type", "teacher", "--hours", "nights"), r"hours: found 'nights'; allowed: .*teacher"),
    (("people", "add", "Ann", "--type", "teacher", "--proxy-username", "a:b"), "cannot be a proxy username"),
    (("people", "add", "Jo Hill", "--type", "governor"), "Jo Hill is in the register already"),
    (("people", "leave", "p-nobody"), "no person p-nobody"),
    (
        ("devices", "add", "--class", "staff", "--address", "00:1b:44:11:3a:b7"),
        "A hardware address or a name",
    ),
    (("devices", "add", "--class", "staff", "--address", "10.0.0.0/24"), "not an IP address"),
    (("devices", "add", "--class", "staff", "--address", "0.0.0.0"), "the address of no device"),
    (("devices", "add", "--class", "laptop", "--address", "10.0.0.5"), r"--class: found 'laptop'; allowed: staff"),
    (("devices", "add", "--class", "staff", "--address", "10.0.0.5", "--person", "p-nobody"), "no person p-nobody"),
    (("told",), "one of these"),
    (("told", "p-nobody", "--everyone"), "one of these"),
    (("told", "p-nobody"), "no person p-nobody"),
    (("told", "--everyone", "--how", "page"), r"--how: found 'page'; allowed: paper, training_day"),
    (("told", "--everyone", "--on", "2999-01-01"), "has not come"),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED, ids=lambda case: " ".join(case)[:60])
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(
    school: str, run: Run, state: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    people, devices = run("people", "list"), run("devices", "list")
    with pytest.raises(FairgateError, match=sentence):
        run(*arguments)
    assert (run("people", "list"), run("devices", "list")) == (people, devices)
    assert acts(state, by=at_command_line()) == []


def test_no_devices_are_said_and_not_shown_as_an_empty_table(school: str, run: Run) -> None:
    assert run("devices", "list") == "No device is entered yet. Enter one: fairgate devices add.\n"
    run("devices", "add", "--class", "staff", "--address", "10.20.0.15")
    assert "10.20.0.15" in run("devices", "list")


def test_one_unknown_id_among_those_told_records_nobody(school: str, run: Run, state: Path) -> None:
    with pytest.raises(FairgateError, match="no person p-nobody"):
        run("told", id_of(run, "Jo Hill"), "p-nobody")
    assert run("people", "list").count("not yet told") == 2
    assert acts(state, by=at_command_line()) == []


def test_a_proxy_username_is_one_person_s_in_whatever_case(school: str, run: Run) -> None:
    run("people", "add", "Ann Bell", "--type", "teacher", "--proxy-username", "ann")
    with pytest.raises(FairgateError, match="somebody else's"):
        run("people", "add", "Ann Hill", "--type", "teacher", "--proxy-username", "ANN")


@pytest.mark.parametrize("command", [("people", "list"), ("devices", "list"), ("told", "--everyone")])
def test_a_folder_without_a_school_is_refused_and_left_as_it_was(
    run: Run, state: Path, command: tuple[str, ...]
) -> None:
    with pytest.raises(FairgateError, match="There is no school in"):
        run(*command)
    assert not state.exists()
