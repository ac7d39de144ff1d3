"""The state folder broken in each way, and the sentence that says so."""

import os
import shutil
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.analytics.doctor.conftest import School
from tests.proxy_addons.local_web import Authority


def test_of_a_sound_folder_there_is_nothing_to_say(school: School) -> None:
    assert [school.lines(check) for check in ("settings", "modes", "authority")] == [[], [], []]


def test_settings_that_do_not_load_are_named_by_line_and_key_and_not_by_what_stands_there(school: School) -> None:
    school.settings('[gateway]\nmode = "secret-host.example"\n')
    (line,) = school.lines("settings")
    assert f"({school.state.settings}, line 4: gateway.mode)" in line
    assert "secret-host" not in line


def test_a_policy_that_does_not_load_is_named_by_its_place(school: School, tmp_path: Path) -> None:
    school.settings(f'policy = "{tmp_path / "ours"}"\n')
    (line,) = school.lines("settings")
    assert line.startswith("MEND [settings] The policy does not load")
    assert f"Where: {tmp_path / 'ours'}." in line


@pytest.mark.parametrize("name", [".", "gateway/ca/mitmproxy-ca.pem", "gateway/spool", "snapshot/snapshot.json"])
def test_what_others_can_reach_is_said_with_the_command_that_closes_it(school: School, name: str) -> None:
    path = school.state.root / name
    path.chmod(0o755 if path.is_dir() else 0o644)
    (line,) = school.lines("modes")
    assert "Other accounts can reach it (mode 0" in line
    assert line.endswith(f"Close it: chmod {'700' if path.is_dir() else '600'} {path}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_what_belongs_to_another_account_is_said(school: School) -> None:
    path = school.state.keys
    os.chown(path, 12_345, -1)
    assert any("another account than the state folder" in line and f"{path}" in line for line in school.lines("modes"))


def test_without_a_state_folder_that_is_all_there_is_to_say(school: School) -> None:
    school.state.root.rename(school.state.root.with_name("gone"))
    (line,) = school.lines("modes")
    assert "There is no state folder." in line


def test_a_missing_authority_is_said(school: School) -> None:
    (school.state.ca / "mitmproxy-ca.pem").unlink()
    (line,) = school.lines("authority")
    assert "no certificate authority yet, or it is gone" in line


@pytest.mark.parametrize(("days", "said"), [(59, "ends on"), (-1, "ends on"), (61, None)])
def test_an_authority_that_ends_soon_is_said_with_its_day(
    school: School, tmp_path: Path, days: int, said: str | None
) -> None:
    made = Authority(tmp_path / "other").leaf("oak", timedelta(days=days, hours=1))
    certificate = x509.load_pem_x509_certificates(made.read_bytes())[0]
    (school.state.ca / "mitmproxy-ca-cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    lines = school.lines("authority")
    if said is None:
        # It was made three days before it ends, and so is not valid yet.
        assert not any("ends on" in line for line in lines)
    else:
        ends = datetime.now(UTC) + timedelta(days=days, hours=1)
        assert any(f"{said} {ends.day} {ends:%B %Y}" in line for line in lines)


def test_an_authority_of_the_future_is_the_clocks_fault(school: School, tmp_path: Path) -> None:
    made = Authority(tmp_path / "other").leaf("oak", timedelta(days=400))
    (school.state.ca / "mitmproxy-ca-cert.pem").write_bytes(made.read_bytes())
    (line,) = school.lines("authority")
    assert "not valid yet" in line
    assert "Mend this machine's clock." in line


def test_a_damaged_certificate_is_said(school: School) -> None:
    (school.state.ca / "mitmproxy-ca-cert.pem").write_bytes(b"-----BEGIN")
    (line,) = school.lines("authority")
    assert "cannot be read (ValueError)" in line


@pytest.mark.parametrize(("free", "level"), [(50, None), (15, "NOTE"), (4, "MEND"), (1, "MEND")])
def test_little_room_is_said(school: School, monkeypatch: pytest.MonkeyPatch, free: int, level: str | None) -> None:
    # A full disk cannot be had for a test; its figures can.
    usage = namedtuple("usage", ("total", "used", "free"))
    told = usage(100 * 2**30, (100 - free) * 2**30, free * 2**30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: told)
    assert [line.split()[0] for line in school.lines("disk")] == ([level] if level else [])
