"""`fairgate devices`: what a school knows its devices by reaches the gateway, and nothing by half."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.errors import FairgateError
from fairgate import app

HEADER = "class,addresses,macs,hostnames,label,person"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("devices") / "school"
    names = ("--headteacher", "Mary O'Neill", "--chair", "Jo Hill", "--technician", "Sam Ash")
    run(folder, "init", "--school", "oakfield", "--school-name", "Oakfield", *names)
    return folder


def run(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--state", str(folder)])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_devices_by_hardware_change_hands_and_reach_the_gateway(school: Path) -> None:
    ann, tom = (run(school, "people", "add", name, "--type", "teacher").split()[0] for name in ("Ann Bell", "Tom Rees"))
    laptop = run(school, "devices", "add", "--class", "staff", "--mac", "001B.4411.3AB7", "--person", ann).split()[0]
    run(school, "devices", "add", "--class", "shared", "--hostname", "LAB-07", "--label", "Lab")
    assert "00:1b:44:11:3a:b7" in run(school, "devices", "list")
    token = run(school, "devices", "token", laptop).split()[0]
    run(school, "devices", "assign", laptop, "--person", tom)
    run(school, "publish")
    written = (school / "snapshot" / "snapshot.json").read_text()
    found = {device["device_id"]: device for device in json.loads(written)["devices"]}
    assert (found[laptop]["macs"], found[laptop]["person_id"]) == (["00:1b:44:11:3a:b7"], tom)
    assert len(found[laptop]["token_hash"]) == 64
    assert token not in written
    (lab,) = [device for device in found.values() if device is not found[laptop]]
    assert lab["hostnames"] == ["lab-07"]
    assert "macs" not in lab
    run(school, "devices", "give-back", laptop)
    assert "nobody" in run(school, "devices", "list")


def test_a_list_of_devices_is_taken_whole_or_not_at_all(school: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(f"{HEADER}\nshared,10.9.0.1 10.9.0.2,,,Trolley 1,\npupil,,00:1b:44:11:3a:01,cart-1,,\n")
    assert run(school, "devices", "import", str(good)).count("d-") == 2
    before = run(school, "devices", "list")
    bad = tmp_path / "bad.csv"
    rows = (
        "staff,10.9.0.3,,,,p-nobody",
        "laptop,10.9.0.4,,,,",
        "shared,,,,,",
        "shared,10.9.0.5,,,,",
        "guest,10.9.0.5,,,,",
        "shared,10.9.0,,,,",
    )
    bad.write_text("\n".join((HEADER, *rows)) + "\n")
    with pytest.raises(FairgateError) as refused:
        run(school, "devices", "import", str(bad))
    said = str(refused.value)
    assert [number for number in range(1, 9) if f"line {number}:" in said] == [2, 3, 4, 6, 7]
    assert run(school, "devices", "list") == before


@pytest.mark.parametrize("content", [b"", b"name\n", b"\xff\xfe", HEADER.encode(), HEADER.encode() + b"\na,b\n"])
def test_what_is_no_list_of_devices_says_so(school: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(FairgateError, match=r"list\.csv"):
        run(school, "devices", "import", str(file))


def test_a_device_that_is_not_there_is_named(school: Path) -> None:
    for command in (("assign", "d-none", "--person", "p-none"), ("give-back", "d-none"), ("token", "d-none")):
        with pytest.raises(FairgateError, match="no device d-none"):
            run(school, "devices", *command)
