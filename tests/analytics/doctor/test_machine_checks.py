"""Machines that are not fit, told as the kernel tells it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.doctor import machine_checks
from tests.analytics.doctor.conftest import School, kernel

LIMITS = (
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max core file size        {core}                {core}                bytes     \n"
    "Max open files            {files}                 65536                files     \n"
)
LOCKED = (
    "import sys, resource; from pathlib import Path; from config.state import StateFolder\n"
    "resource.setrlimit(resource.RLIMIT_CORE, (int(sys.argv[2]),) * 2)\n"
    "resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[3]),) * 2)\n"
    "held = StateFolder(Path(sys.argv[1])).lock('gateway'); print('held', flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def running(school: School) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the gateway's lock, with the limits of one that was started carelessly."""
    command = [sys.executable, "-c", LOCKED, str(school.state.root), "0", "1024"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def as_gateway(school: School, folder: Path, **files: str) -> Path:
    """A /proc in which the gateway runs as process 77."""
    (school.state.root / "run" / "gateway.lock").write_text("77")
    return kernel(folder, {f"77/{name}": text for name, text in files.items()})


def test_the_clock_is_asked_of_the_kernel(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(school.lines("clock")) == (not machine_checks._synchronised())
    monkeypatch.setattr(machine_checks, "_synchronised", lambda: False)
    (line,) = school.lines("clock")
    assert "Nothing keeps this machine's clock right." in line


def test_few_files_of_a_running_gateway_are_said(school: School, running: subprocess.Popen[str]) -> None:
    (line,) = school.lines("open-files")
    assert "may open 1,024 files and connections; 8,192 are the least" in line
    assert school.lines("core-dumps") == []


def test_enough_files_are_enough(school: School, tmp_path: Path) -> None:
    proc = as_gateway(school, tmp_path, limits=LIMITS.format(core="0        ", files="65536"))
    assert school.lines("open-files", proc=proc) == school.lines("core-dumps", proc=proc) == []


@pytest.mark.parametrize("core", ["unlimited", "1048576  "])
def test_a_gateway_that_may_dump_its_memory_is_said(school: School, tmp_path: Path, core: str) -> None:
    proc = as_gateway(school, tmp_path, limits=LIMITS.format(core=core, files="unlimited"))
    (line,) = school.lines("core-dumps", proc=proc)
    assert "could write its memory down" in line
    assert school.lines("open-files", proc=proc) == []


def test_swap_on_a_disk_is_said_and_in_memory_is_not(school: School, tmp_path: Path) -> None:
    heading = "Filename Type Size Used Priority\n"
    proc = kernel(tmp_path, {"swaps": f"{heading}/swapfile file 1 0 -2\n/dev/zram0 partition 1 0 5\n"})
    (line,) = school.lines("swap", proc=proc)
    assert "Where: /swapfile. " in line
    proc = kernel(tmp_path, {"swaps": f"{heading}/dev/zram0 partition 1 0 5\n"})
    assert school.lines("swap", proc=proc) == []


@pytest.mark.parametrize(("four", "six", "lines"), [("1", "1", 0), ("0", "1", 1), ("1", "0", 1), ("0", "0", 2)])
def test_a_redirecting_gateway_must_pass_the_rest_on(
    school: School, tmp_path: Path, four: str, six: str, lines: int
) -> None:
    proc = kernel(tmp_path, {"sys/net/ipv4/ip_forward": f"{four}\n", "sys/net/ipv6/conf/all/forwarding": f"{six}\n"})
    assert school.lines("forwarding", proc=proc) == [], "an explicit proxy need not"
    school.settings('[gateway]\nmode = "transparent"\n')
    assert len(school.lines("forwarding", proc=proc)) == lines


def test_this_machines_own_kernel_can_be_read(school: School) -> None:
    assert machine_checks._limit(school.seen(), "Max open files") is None
    (school.state.root / "run" / "gateway.lock").write_text(str(os.getpid()))
    assert (machine_checks._limit(school.seen(), "Max open files") or 0) > 0
