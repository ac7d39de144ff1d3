"""The strict setting: what is refused, what stays open, and that nothing is decrypted for it."""

from pathlib import Path

import pytest

from analytics.snapshot import DeviceClass, Person
from config.settings import IdentitySettings
from tests.proxy_addons.pipeline import Pipeline, answer, request
from tests.proxy_addons.running_gateway import ANNE, UNTOLD, device

STRICT = IdentitySettings(untold="notice_only", school_sites=("oakfield.sch.uk",))


def gateway(tmp_path: Path, identity: IdentitySettings = STRICT, person: Person = UNTOLD) -> Pipeline:
    return Pipeline(
        tmp_path,
        devices=(device(DeviceClass.STAFF, person.person_id),),
        people=(person,),
        identity=identity,
        notice_version="v1",
    )


@pytest.mark.parametrize(
    "host", ["www.samaritans.org", "oakfield.sch.uk", "mail.oakfield.sch.uk", "www.barclays.co.uk"]
)
def test_what_is_shielded_passed_through_for_all_or_the_schools_own_stays_open(tmp_path: Path, host: str) -> None:
    pipeline = gateway(tmp_path)
    assert pipeline.exchange(request(f"http://{host}/", method="POST", body=b"a"), answer()).response is not None
    assert pipeline.exchange(request(f"http://{host}/"), answer()).response.status_code == 200  # type: ignore[union-attr]
    assert pipeline.hello(host, (host, 443))
    assert pipeline.spool.records == []


def test_everything_else_is_refused_in_the_clear_and_closed_over_tls(tmp_path: Path) -> None:
    pipeline = gateway(tmp_path)
    flow = pipeline.exchange(request("http://www.gov.uk/", method="POST", body=b"a"))
    assert flow.response is not None
    assert flow.response.status_code == 511
    assert "http://" in (flow.response.text or "")
    assert not pipeline.hello("www.gov.uk", ("www.gov.uk", 443))
    assert not pipeline.hello("notoakfield.sch.uk", ("notoakfield.sch.uk", 443))


def test_by_default_and_for_whoever_was_told_nothing_is_refused(tmp_path: Path) -> None:
    for pipeline in (gateway(tmp_path, IdentitySettings()), gateway(tmp_path, person=ANNE)):
        flow = pipeline.exchange(request("http://www.gov.uk/", method="POST", body=b"a"), answer())
        assert flow.response is not None
        assert flow.response.status_code == 200
    assert gateway(tmp_path, IdentitySettings()).hello("www.gov.uk", ("www.gov.uk", 443))
