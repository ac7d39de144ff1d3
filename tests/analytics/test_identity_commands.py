"""`fairgate identity show`: devices and counts for the technician, and nobody's name."""

from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from analytics.bindings import Heart, IdentityTable
from analytics.event import Method
from analytics.identity_commands import shown
from config.state import StateFolder
from fairgate import app
from tests.analytics.bindings.a_binding import BINDING


def test_it_shows_devices_and_names_nobody(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state").prepare()
    table = IdentityTable(state.identity)
    with table.change():
        table.insert(BINDING)
    table.close()
    Heart(state.identity).beat()
    said = CliRunner().invoke(app, ["identity", "show", "--state", str(state.root)]).output
    assert "d-1  10.0.0.5" in said
    assert "somebody of the staff is signed in" in said
    assert "anne" not in said


def test_what_is_known_is_told_apart() -> None:
    lease = replace(BINDING, source=Method.DHCP, person_id="")
    lines = shown([lease, replace(lease, source=Method.HOOK)])
    assert lines[0] == "dhcp: 1, hook: 1"
    assert [line.rpartition("UTC  ")[2] for line in lines[1:]] == ["device only", "somebody else is signed in"]
    assert "Is fairgate identity running" in shown([])[0]
