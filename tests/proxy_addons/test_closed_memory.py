"""The gateway's memory: closed to crash dumps, to its account's other processes, and to whoever wants TLS secrets."""

import ctypes
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from mitmproxy.net import tls

from config.errors import FairgateError
from proxy_addons import closed_memory

PR_GET_DUMPABLE = 3
CLOSED = (
    "import ctypes, resource; from mitmproxy.net import tls; from proxy_addons.closed_memory import close_memory\n"
    "before = tls.log_master_secret is not None\n"
    "close_memory()\n"
    f"print(before, tls.log_master_secret, ctypes.CDLL(None).prctl({PR_GET_DUMPABLE}, 0, 0, 0, 0),"
    " resource.getrlimit(resource.RLIMIT_CORE))\n"
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can close a process's memory")
def test_nothing_of_it_can_be_dumped_and_no_tls_secret_is_written(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CLOSED],
        cwd=Path(closed_memory.__file__).parents[1],
        env={"SSLKEYLOGFILE": str(tmp_path / "keys")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "True None 0 (0, 0)"
    assert not (tmp_path / "keys").exists()


def test_a_system_that_refuses_is_a_reason_not_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def prctl(self, *_: int) -> int:
            return -1

    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    monkeypatch.setattr(tls, "log_master_secret", None)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: Refusing())
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(FairgateError, match="PR_SET_DUMPABLE"):
        closed_memory.close_memory()
