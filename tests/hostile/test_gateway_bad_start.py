"""A gateway that cannot start says why, and has done nothing."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.policy import SHIPPED
from config.state import DEMONSTRATION_MARK
from tests.proxy_addons.running_gateway import REPOSITORY, School, stop

pytestmark = pytest.mark.slow


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = School(tmp_path / "state")
    school.prepare()
    return school


def refusal(school: School, command: list[str] | None = None) -> str:
    """What it says when it gives up."""
    process = school.start(ready=False, command=command)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 2, said
    assert "Traceback" not in said
    assert not (school.root / "run" / "gateway.ready").exists()
    return said


def test_a_port_in_use(school: School) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", school.port))
        other.listen()
        said = refusal(school)
    assert f"Port {school.port} on 127.0.0.1 is already in use" in said
    assert "listen_port under [gateway]" in said


def test_an_address_this_machine_does_not_have(school: School) -> None:
    school.gateway = {"listen_host": "192.0.2.1"}
    school.prepare()
    assert "This machine has no address 192.0.2.1" in refusal(school)


def test_a_filter_that_is_the_gateway_itself(school: School) -> None:
    school.gateway = {"upstream.proxy": f"http://localhost:{school.port}"}
    school.prepare()
    assert "names this gateway itself" in refusal(school)


def test_a_filter_and_a_stand_in(school: School) -> None:
    (school.root / DEMONSTRATION_MARK).touch()
    school.gateway = {"upstream.proxy": "http://localhost:1", "stand_in": "127.0.0.1:8443"}
    school.prepare()
    assert "are both set" in refusal(school)


def test_damaged_lists_in_force(school: School) -> None:
    (school.root / "lists" / "in-force.lists").write_bytes(b"no lists")
    said = refusal(school)
    assert "in-force.lists cannot be used" in said
    assert "fairgate lists rollback" in said


def test_a_second_instance(school: School) -> None:
    first = school.start()
    try:
        second = subprocess.run(first.args, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=30)
        assert second.returncode == 2
        assert f"Another fairgate gateway (process {first.pid}) is already running" in second.stderr
    finally:
        stop(first)


def test_a_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    school = School(tmp_path / "state")
    school.prepare()
    (school.root / "gateway" / "spool").rmdir()
    (school.root / "gateway" / "spool").write_text("in the way")
    assert "cannot be made or written" in refusal(school)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an account that may not write")
def test_an_unwritable_state_folder(school: School) -> None:
    code = (
        "import os, sys; from pathlib import Path; from config.errors import FairgateError\n"
        "from config.state import StateFolder\n"
        "from config.settings import Settings; from proxy_addons.run import run_gateway\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try:\n    run_gateway(Settings(school='oak', school_name='Oak'), StateFolder(Path(sys.argv[1])))\n"
        "except FairgateError as fault:\n    print(fault, file=sys.stderr); sys.exit(2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, "/proc/nowhere"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, "The state folder /proc/nowhere cannot be made or written" in done.stderr) == (2, True)


def test_a_missing_authority(school: School) -> None:
    stop(school.start())
    (school.state.ca / "mitmproxy-ca.pem").unlink()
    assert "is missing, though one was made for this school" in refusal(school)
    assert not (school.state.ca / "mitmproxy-ca.pem").exists()


def test_a_damaged_authority(school: School) -> None:
    stop(school.start())
    (school.state.ca / "mitmproxy-ca.pem").write_text("nonsense")
    assert "is damaged" in refusal(school)


def test_a_missing_snapshot(school: School) -> None:
    school.state.snapshot.unlink()
    assert "fairgate init" in refusal(school)


def test_a_damaged_snapshot(school: School) -> None:
    school.state.snapshot.write_text("{")
    assert "is damaged" in refusal(school)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"stand_in": "127.0.0.1:9"}, "this is not a demonstration"),
        ({"workers": 2}, 'gateway.workers: found 2 with mode = "regular"; allowed: 1'),
        ({"upstream_ca": "/nowhere.pem"}, "gateway.upstream_ca: /nowhere.pem cannot be read"),
        ({"mode": "sideways"}, "gateway.mode: found 'sideways'"),
    ],
)
def test_impossible_settings(school: School, options: dict[str, Any], said: str) -> None:
    school.gateway = options
    school.prepare()
    assert said in refusal(school)


@pytest.mark.parametrize(
    ("shield", "said"),
    [
        (None, "shield.toml does not exist"),
        ("", "found an empty file"),
        ("# nothing\n", "found an empty file"),
        ('[health]\ntitle = "Health"\nwhy = "It is."\nauthor = "Us"\nsites = []\n', "health.sites: found []"),
        ('[health]\ntitle = "Health"\nwhy = "It is."\nauthor = "Us"\n', "health.sites: found nothing"),
        ("[health\n", "not valid TOML"),
    ],
    ids=["missing", "empty", "only a comment", "an area of no sites", "an area without sites", "broken"],
)
def test_a_policy_without_a_shield(school: School, tmp_path: Path, shield: str | None, said: str) -> None:
    own = tmp_path / "policy"
    shutil.copytree(SHIPPED, own / "school")
    shutil.copy(SHIPPED.parent / "lists.toml", own)
    (own / "school" / "shield.toml").unlink()
    if shield is not None:
        (own / "school" / "shield.toml").write_text(shield)
    text = school.state.settings.read_text()
    school.state.settings.write_text(f"policy = {json.dumps(str(own / 'school'))}\n{text}")
    front_door = [sys.executable, "-W", "ignore", "-m", "fairgate", "gateway", "--state", str(school.root)]
    refused = refusal(school, front_door)
    assert said in refused
    assert "Without a shield nothing may be recorded, so Fairgate does not start." in refused
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", school.port)) != 0, "no port was ever open"
    assert not list(school.spool.glob("*"))


def test_a_real_key_in_a_demonstration(school: School) -> None:
    stop(school.start())
    (school.root / DEMONSTRATION_MARK).touch()
    assert "belongs to a real school" in refusal(school)
