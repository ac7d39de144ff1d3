"""Beside a real Squid, the filter that many schools have: it allows, it refuses, and it is told whom."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, free_port, wait_until
from tests.proxy_addons.running_gateway import School

SQUID = shutil.which("squid") or shutil.which("squid", path="/usr/sbin")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(SQUID is None, reason="needs squid")]

ALLOWED, REFUSED, BANK = "www.amazon.co.uk", "refused.amazon.co.uk", "www.barclays.co.uk"
CONFIGURATION = """
http_port {port} {preface}
acl refused dstdomain {refused}
acl here src all
{trust}
http_access deny refused
http_access allow all
hosts_file {folder}/hosts
logformat seen %>a %{{X-Forwarded-For}}>h %rm %ru %>Hs
access_log stdio:{folder}/access.log seen
cache_log {folder}/cache.log
pid_filename {folder}/squid.pid
coredump_dir {folder}
cache deny all
forwarded_for delete
shutdown_lifetime 0 seconds
visible_hostname filter.school
"""
TRUST = "follow_x_forwarded_for allow here"


@contextlib.contextmanager
def squid(folder: Path, *, preface: bool) -> Iterator[int]:
    """The port of a Squid that has ended when the context ends."""
    assert SQUID is not None
    # Started by root, it becomes another user.
    folder.chmod(0o777)
    port = free_port()
    (folder / "hosts").write_text(f"127.0.0.1 {ALLOWED} {REFUSED} {BANK}\n")
    trust = "proxy_protocol_access allow here" if preface else TRUST
    (folder / "squid.conf").write_text(
        CONFIGURATION.format(
            port=port,
            folder=folder,
            refused=REFUSED,
            preface="require-proxy-header" if preface else "",
            trust=trust,
        )
    )
    process = subprocess.Popen(
        [SQUID, "-N", "-f", str(folder / "squid.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert wait_until(lambda: "Accepting" in _text(folder / "cache.log"), 60), _text(folder / "cache.log")
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@pytest.mark.parametrize("forward", ["x_forwarded_for", "proxy_protocol", "proxy_protocol_v2"])
def test_squid_is_told_the_client_and_what_it_refuses_is_said(tmp_path: Path, forward: str) -> None:
    with tempfile.TemporaryDirectory(prefix="squid-") as made:
        _tried(tmp_path, Path(made), forward)


def _tried(tmp_path: Path, folder: Path, forward: str) -> None:
    with LocalWeb(tmp_path / "web") as web, squid(folder, preface=forward != "x_forwarded_for") as port:
        ca = str(web.authority.certificate)
        school = School(tmp_path / "state")
        school.gateway = {"upstream_ca": ca, "upstream.proxy": f"http://127.0.0.1:{port}", "upstream.forward": forward}
        with school.running():
            assert page(school, f"https://{ALLOWED}:{web.port}/gp", "-m", "60").status == 200
            assert page(school, f"http://{ALLOWED}:{web.port + 1}/plain", "-m", "60").status == 200
            assert fetch(school, f"https://{BANK}:{web.port}/", "-m", "60", ca=ca).status == 200
            answer = page(school, f"https://{REFUSED}:{web.port}/", "-m", "60")
            assert (answer.status, "Access Denied" in answer.body) == (403, True), answer
            answer = page(school, f"http://{REFUSED}:{web.port + 1}/", "-m", "60")
            assert (answer.status, "Access Denied" in answer.body) == (403, True), answer
        statuses = [event.status for event in school.events()]
        assert sorted(statuses) == [0, 200, 200, 403, 403]
    lines = [line.split() for line in _text(folder / "access.log").splitlines()]
    asked = [line for line in lines if line[2] in ("GET", "CONNECT") and "error:" not in line[3]]
    assert len(asked) == 5, lines
    assert {line[0] for line in asked} == {"127.0.0.1"}
    assert {line[1] for line in asked} == {"127.0.0.1" if forward == "x_forwarded_for" else "-"}
    assert not [names for *_, names in web.seen if {"x-forwarded-for", "forwarded"} & names]
