"""The systemd units: each starts its own command, confined, with no right that it does not need, and is watched."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from proxy_addons.supervise import STOP_SECONDS
from proxy_addons.worker_process import SILENT_SECONDS
from tests.test_deployment import cli_commands
from tests.tracked import ROOT

UNITS = sorted((ROOT / "config" / "deploy" / "systemd").glob("*.service"))


def unit(path: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys are case-sensitive
    parser.read_string(path.read_text("utf-8"))
    return parser["Service"]


def test_there_is_a_unit_for_every_lasting_process() -> None:
    names = ["dashboard", "gateway", "identity", "nft", "store"]
    assert [path.stem for path in UNITS] == [f"fairgate-{name}" for name in names]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_its_own_command_as_a_plain_account(path: Path) -> None:
    service = unit(path)
    words = service["ExecStart"].split()
    assert words[1] == path.stem.removeprefix("fairgate-")
    assert words[1] in cli_commands()
    assert service["User"] == "fairgate"
    assert service["Restart"] == "always"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_confined_and_leaves_no_crash_dump(path: Path) -> None:
    service = unit(path)
    wanted = {"ProtectSystem": "strict", "ProtectHome": "yes", "NoNewPrivileges": "yes", "LimitCORE": "0"}
    wanted |= {"UMask": "0077", "StateDirectoryMode": "0700", "MemorySwapMax": "0"}
    # The one that changes the firewall has the right to, and no other.
    right = "CAP_NET_ADMIN" if path.stem == "fairgate-nft" else ""
    wanted |= {"CapabilityBoundingSet": right, "AmbientCapabilities": right}
    assert {key: service.get(key) for key in wanted} == wanted
    assert "MemoryMax" in service


@pytest.mark.parametrize("name", ["gateway", "identity", "nft"])
def test_a_unit_whose_process_tells_of_its_life_is_watched(name: str) -> None:
    service = unit(next(path for path in UNITS if path.stem == f"fairgate-{name}"))
    assert (service["Type"], service["NotifyAccess"]) == ("notify", "main")
    assert int(service["WatchdogSec"]) > 2 * SILENT_SECONDS if name == "gateway" else int(service["WatchdogSec"]) >= 30
    assert int(service["TimeoutStopSec"]) > STOP_SECONDS


def test_the_firewall_s_unit_stops_before_the_gateway_and_reaches_no_record_or_key() -> None:
    path = next(path for path in UNITS if path.stem == "fairgate-nft")
    assert "After=network-online.target fairgate-gateway.service" in path.read_text("utf-8")
    for part in ("store", "governance", "gateway/ca", "gateway/keys", "gateway/spool"):
        assert f"-/var/lib/fairgate/{part}" in path.read_text("utf-8")


def test_systemd_understands_every_line_of_the_units(tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed here")
    copies = [tmp_path / path.name for path in UNITS]
    for path, copy in zip(UNITS, copies, strict=True):
        # The program and its account stand on a school's machine, not here.
        text = path.read_text("utf-8").replace("/opt/fairgate/.venv/bin/fairgate", "/bin/true")
        copy.write_text(text.replace("file:///opt", "file:/opt"), "utf-8")
    done = subprocess.run([analyse, "verify", *copies], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_dashboard_cannot_reach_the_store_s_files_or_the_authority_s_key() -> None:
    hidden = unit(next(path for path in UNITS if path.stem == "fairgate-dashboard"))["InaccessiblePaths"]
    assert "/store" in hidden


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_rates_the_confinement_well(path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed here")
    rated = subprocess.run(
        [analyse, "security", "--offline=yes", "--threshold=30", path], capture_output=True, text=True
    )
    assert rated.returncode == 0, rated.stdout[-400:] + rated.stderr
