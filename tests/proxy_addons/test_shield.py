"""The shield: what is decrypted, what is not, and that a fault never decrypts."""

from pathlib import Path
from typing import Any

import pytest

from analytics.event import Kind, NotInspected
from analytics.snapshot import DeviceClass
from tests.proxy_addons.pipeline import OPENED, PULLED_IN, Pipeline, answer, only, request
from tests.proxy_addons.running_gateway import device

SITE = ("www.amazon.co.uk", 443)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def shielded(pipeline: Pipeline) -> int:
    return sum(count for _, count in pipeline.tally.take_all_shielded())


def test_an_ordinary_site_is_decrypted(pipeline: Pipeline) -> None:
    assert not pipeline.hello("www.amazon.co.uk", SITE)
    assert pipeline.spool.records == []


@pytest.mark.parametrize(
    ("sni", "asked"),
    [
        ("www.samaritans.org", ("www.samaritans.org", 443)),
        ("www.amazon.co.uk", ("www.samaritans.org", 443)),
        ("WWW.Samaritans.org.", SITE),
        (None, ("www.samaritans.org", 443)),
    ],
)
def test_a_shielded_site_is_passed_through_and_only_counted(
    pipeline: Pipeline, sni: str | None, asked: tuple[str, int]
) -> None:
    assert pipeline.hello(sni, asked)
    assert pipeline.spool.records == []
    assert (shielded(pipeline), pipeline.tally.passed_through) == (1, 0), "heartbeats must not count it by the minute"


def test_a_bank_is_passed_through_and_recorded_by_its_host(pipeline: Pipeline) -> None:
    assert pipeline.hello("www.barclays.co.uk", ("www.barclays.co.uk", 443))
    event = only(pipeline.events)
    assert (event.host, event.not_inspected, event.path, event.person_id) == (
        "www.barclays.co.uk",
        NotInspected.BANKING,
        "",
        "p-anne",
    )


def test_a_connection_without_a_name_is_passed_through_in_transparent_mode(pipeline: Pipeline) -> None:
    assert pipeline.hello(None, ("192.0.2.7", 443), "transparent")
    event = only(pipeline.events)
    assert (event.host, event.not_inspected) == ("192.0.2.7", NotInspected.NO_SNI)


@pytest.mark.parametrize("port", [25, 465, 587, 636, 853, 993, 995, 5061, 5223, 8883])
def test_mail_and_other_tls_that_a_proxy_is_asked_for_is_not_touched(pipeline: Pipeline, port: int) -> None:
    assert pipeline.hello("imap.mail.yahoo.com", ("imap.mail.yahoo.com", port))
    event = only(pipeline.events)
    assert (event.host, event.port, event.not_inspected) == ("imap.mail.yahoo.com", port, NotInspected.OPAQUE)
    assert (event.kind, event.kind_confidence) == (Kind.BACKGROUND, 0), "it accuses nobody"


def test_mail_of_a_shielded_site_is_only_counted(pipeline: Pipeline) -> None:
    assert pipeline.hello("www.samaritans.org", ("www.samaritans.org", 993))
    assert (pipeline.spool.records, shielded(pipeline)) == ([], 1)


@pytest.mark.parametrize("port", [443, 80, 4443, 8080, 8443])
def test_the_web_is_opened_on_its_other_ports_too(pipeline: Pipeline, port: int) -> None:
    assert not pipeline.hello("www.amazon.co.uk", ("www.amazon.co.uk", port))


def test_what_is_passed_through_is_counted_by_its_reason(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path)
    for sni, port in (("www.barclays.co.uk", 443), ("push.apple.com", 443), ("x.example", 993), ("y.example", 443)):
        pipeline.hello(sni, ("192.0.2.7", port), "transparent")
    pipeline.hello(None, ("192.0.2.7", 443), "transparent")
    pipeline.hello("www.samaritans.org", SITE, "transparent")
    assert pipeline.tally.passed_through == 4
    assert pipeline.tally.take_closed() == dict.fromkeys(
        (NotInspected.BANKING, NotInspected.PINNED, NotInspected.OPAQUE, NotInspected.NO_SNI), 1
    )
    assert pipeline.tally.take_closed() == {}
    for person, reason in (("p-una", NotInspected.NOT_TOLD), (None, NotInspected.NOT_ENROLLED)):
        nobody = Pipeline(tmp_path, devices=(device(DeviceClass.STAFF, person),))
        nobody.hello("www.amazon.co.uk", SITE)
        assert nobody.tally.take_closed() == {reason: 1}


def test_an_explicit_proxy_was_told_the_name(pipeline: Pipeline) -> None:
    assert not pipeline.hello(None, SITE)


@pytest.mark.parametrize("sni", ["", "..", "a b", "x" * 400, "\udcff"])
def test_a_name_that_is_none_is_no_name(pipeline: Pipeline, sni: str) -> None:
    assert pipeline.hello(sni, ("192.0.2.7", 443), "transparent")
    assert pipeline.tally.hook_errors == 0


@pytest.mark.parametrize(
    ("devices", "untold"),
    [((device(DeviceClass.STAFF, "p-una"),), 1), ((), 1), ((device(DeviceClass.PUPIL),), 0)],
    ids=["not told", "nobody", "pupil"],
)
def test_who_was_not_told_is_never_decrypted(tmp_path: Path, devices: Any, untold: int) -> None:
    pipeline = Pipeline(tmp_path, devices=devices)
    assert pipeline.hello("www.amazon.co.uk", SITE)
    assert pipeline.hello("www.samaritans.org", SITE)
    assert pipeline.spool.records == []
    assert (pipeline.tally.untold, shielded(pipeline)) == (2 * untold, 0)


def test_a_fault_passes_through_and_is_counted(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr(pipeline.judge, "pass_through", fail)
    assert pipeline.hello("www.amazon.co.uk", SITE)
    assert pipeline.tally.hook_errors == 1


def test_a_plain_request_to_a_shielded_site_is_only_counted(pipeline: Pipeline) -> None:
    pipeline.exchange(request("http://www.samaritans.org/x", OPENED), answer())
    assert pipeline.spool.records == []
    assert shielded(pipeline) == 1


def test_a_shielded_site_named_inside_another_sites_connection_is_shielded(pipeline: Pipeline) -> None:
    flow = request("https://www.amazon.co.uk/", OPENED)
    flow.request.headers["Host"] = "www.samaritans.org"
    pipeline.exchange(flow, answer())
    hidden = request("https://www.samaritans.org/", OPENED)
    hidden.request.headers["Host"] = "www.amazon.co.uk"
    pipeline.exchange(hidden, answer())
    assert pipeline.spool.records == []
    assert shielded(pipeline) == 2


def test_shielded_pages_shield_what_they_pull_in_and_are_not_named_by_what_they_lead_to(pipeline: Pipeline) -> None:
    referer = {"Referer": "https://www.samaritans.org/how-we-can-help"}
    pipeline.exchange(request("https://cdn.widgets.example/w.js", {**PULLED_IN, **referer}), answer())
    assert (pipeline.spool.records, shielded(pipeline)) == ([], 1)
    pipeline.exchange(request("https://www.amazon.co.uk/", {**OPENED, **referer}), answer())
    assert only(pipeline.events).initiator_host == ""


def test_a_shielded_search_is_only_counted(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.google.com/search?q=join+a+union", OPENED), answer())
    assert (pipeline.spool.records, shielded(pipeline)) == ([], 1)


def test_a_redirect_to_a_shielded_site_does_not_name_it(pipeline: Pipeline) -> None:
    moved = answer(302, Location="https://www.samaritans.org/x")
    pipeline.exchange(request("https://www.google.com/url?q=https://www.samaritans.org/x", OPENED), moved)
    assert "samaritans" not in str(pipeline.spool.records)


def test_a_fault_of_the_shield_records_nothing(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr(pipeline.judge, "shielded", fail)
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED), answer())
    assert (pipeline.spool.records, pipeline.tally.hook_errors) == ([], 1)


def test_a_request_sent_to_a_shielded_site_under_another_name_is_shielded(pipeline: Pipeline) -> None:
    flow = request("http://www.samaritans.org/", OPENED)
    flow.request.headers["Host"] = "www.amazon.co.uk"
    pipeline.exchange(flow, answer())
    assert (pipeline.spool.records, shielded(pipeline), pipeline.tally.requests) == ([], 1, 0)


def test_what_shielded_sites_pull_in_without_naming_themselves_is_shielded(pipeline: Pipeline) -> None:
    pipeline.exchange(request("http://www.samaritans.org/x", OPENED), answer())
    pipeline.exchange(request("https://fonts.gstatic.com/f", PULLED_IN), answer())
    assert (pipeline.spool.records, shielded(pipeline)) == ([], 2)
