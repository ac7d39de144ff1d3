"""config.systemd: a service manager is told where it asked, and nothing happens where none did."""

import socket
from pathlib import Path

import pytest

from config.systemd import notify


@pytest.mark.parametrize("kind", ["a path", "no path"])
def test_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    name = str(tmp_path / "notify") if kind == "a path" else f"@fairgate{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        notify("READY=1", "STATUS=All workers serve.")
        assert manager.recv(100) == b"READY=1\nSTATUS=All workers serve."


def test_without_one_or_with_one_that_is_gone_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")
