"""The captive-portal API (RFC 8908) over real HTTPS, and the lines that name it to DHCP servers."""

import json
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.notice_due import Due
from analytics.portal.captive import CAPTIVE_SECONDS, LEFT_ALONE_SECONDS, Asked, dhcp_lines
from analytics.portal.whose import Reader
from analytics.snapshot import DeviceClass
from config.settings import IdentitySettings
from tests.analytics.portal.a_portal import a_portal
from tests.proxy_addons.running_gateway import UNTOLD, device

UNA = Reader(person_id="p-una", device_id="", how="dhcp_portal", signed_in=False, due=Due.FIRST, told_ms=0)


def test_a_device_is_captive_until_its_user_was_told(tmp_path: Path) -> None:
    own = device(DeviceClass.STAFF, "p-una", "127.0.0.2")
    with a_portal(tmp_path, own, people=(UNTOLD,)) as portal:
        answer = portal.ask("/captive", "-H", "Accept: application/captive+json")
        assert answer.status == 200
        assert "Content-Type: application/captive+json" in answer.headers
        assert "Cache-Control: private, no-store" in answer.headers
        said = json.loads(answer.body)
        base = f"https://127.0.0.1:{portal.secure}"
        assert said == {"captive": True, "user-portal-url": f"{base}/notice", "venue-info-url": f"{base}/about"}
        assert portal.ask("/captive", tls=False).status == 404, "never over plain HTTP"
        assert json.loads(portal.ask("/captive", client="127.0.0.9").body)["captive"] is False
        assert portal.send("/notice", portal.ask("/notice"), answer="told").status == 200
        assert json.loads(portal.ask("/captive").body)["captive"] is False
        assert portal.ask("/about").status == 200


def test_it_is_not_told_so_for_ever_but_under_the_strict_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, clock = Asked(), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    seen = []
    for clock[0] in (1.0, CAPTIVE_SECONDS, CAPTIVE_SECONDS + 2, 3000.0, CAPTIVE_SECONDS + LEFT_ALONE_SECONDS + 2):
        seen.append(asked.now(UNA, "127.0.0.2"))
    assert seen == [True, True, False, False, True]
    assert asked.now(replace(UNA, person_id="p-ben"), "127.0.0.2")


def test_dnsmasq_takes_its_lines_and_kea_its_json(tmp_path: Path) -> None:
    lines = dhcp_lines(IdentitySettings(portal_name="fairgate.oak.example"))
    address = "https://fairgate.oak.example:8443/captive"
    assert [json.loads(line) for line in lines if line.startswith("{")] == [
        {"name": "v4-captive-portal", "code": 114, "data": address},
        {"name": "v6-captive-portal", "code": 103, "data": address},
    ]
    file = tmp_path / "dnsmasq.conf"
    file.write_text("\n".join(line for line in lines if line.startswith("dhcp-option")) + "\n")
    dnsmasq = shutil.which("dnsmasq")
    if dnsmasq is None:
        pytest.skip("dnsmasq is not installed")
    done = subprocess.run([dnsmasq, "--test", f"--conf-file={file}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
