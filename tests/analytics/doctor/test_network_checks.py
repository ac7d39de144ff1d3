"""The way out: what is said of each fault."""

from datetime import timedelta
from pathlib import Path

import pytest

from analytics.doctor import network_checks
from analytics.doctor.way_out import Outcome
from tests.analytics.doctor.conftest import School
from tests.proxy_addons.local_web import Authority


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("named", [True, False])
def test_every_outcome_has_its_sentence(
    school: School, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, named: bool
) -> None:
    if named:
        school.settings('[gateway.upstream]\nproxy = "http://secret-filter.example:3128"\n')
    monkeypatch.setattr(network_checks, "tried", lambda _: outcome)
    lines = school.lines("way-out")
    assert len(lines) == (outcome is not Outcome.ARRIVED)
    assert not any("secret-filter" in line for line in lines)


def test_a_demonstration_has_no_way_out(school: School) -> None:
    school.settings('[gateway]\nstand_in = "127.0.0.1:8443"\n')
    assert school.lines("way-out") == []


def test_an_authority_that_cannot_be_read_or_ends_is_said(school: School, tmp_path: Path) -> None:
    path = tmp_path / "filter.pem"
    school.settings(f'[gateway]\nupstream_ca = "{path}"\n')
    assert "cannot be read (FileNotFoundError)" in school.lines("filter-authority")[0]
    path.write_text("nothing")
    assert "cannot be read (ValueError)" in school.lines("filter-authority")[0]
    path.write_bytes(Authority(tmp_path / "a").leaf("filter", timedelta(days=59)).read_bytes())
    assert "An authority to trust upstream ends on" in school.lines("filter-authority")[0]
    path.write_bytes(Authority(tmp_path / "b").leaf("filter", timedelta(days=90)).read_bytes())
    assert school.lines("filter-authority") == []
