"""The report as PDF, looked at with other people's tools."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.evidence.keys import new_key
from analytics.evidence.proofs import prove
from analytics.evidence.report import render_report
from analytics.evidence.request import BundleRequest
from tests.analytics.evidence.samples import request


def render(asked: BundleRequest) -> bytes:
    return render_report(asked, prove(asked), asked.visits)


def tool(*command: str | Path) -> str:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    path.write_bytes(render(request()))
    return path


def test_it_is_sound_and_declares_pdf_a_3a_and_pdf_ua_1(pdf: Path) -> None:
    assert "No syntax or stream encoding errors found" in tool("qpdf", "--check", pdf)
    data = pdf.read_bytes()
    for declared in (b"<pdfaid:part>3", b"<pdfaid:conformance>A", b"<pdfuaid:part>1"):
        assert declared in data


def test_every_font_is_embedded(pdf: Path) -> None:
    fonts = tool("pdffonts", pdf).splitlines()[2:]
    assert fonts
    assert all(re.search(r"\byes +yes +yes\b", font) for font in fonts)


def test_the_same_request_makes_the_same_bytes(pdf: Path) -> None:
    assert pdf.read_bytes() == render(request())


def watermarked(pdf: Path, folder: Path) -> list[int]:
    """Pixels of the watermark's own grey on each page, as rendered."""
    tool("pdftoppm", "-gray", "-r", "40", pdf, folder / "page")
    return [page.read_bytes().count(b"\xec") for page in sorted(folder.glob("page*.pgm"))]


def test_every_page_of_a_demonstration_says_demo(pdf: Path, tmp_path: Path) -> None:
    pages = tool("pdftotext", "-layout", pdf, "-").rstrip("\f").split("\f")
    assert len(pages) >= 4
    assert all("DEMO: invented data, evidence of nothing." in page for page in pages)
    assert min(watermarked(pdf, tmp_path)) > 2000


def test_a_real_schools_report_does_not(tmp_path: Path) -> None:
    real = replace(request(), key=new_key(demonstration=False), segments=(), events=(), visits=())
    (tmp_path / "r.pdf").write_bytes(render(real))
    assert "DEMO" not in tool("pdftotext", tmp_path / "r.pdf", "-")
    assert max(watermarked(tmp_path / "r.pdf", tmp_path)) < 500


def test_a_panel_finds_every_section(pdf: Path) -> None:
    said = " ".join(tool("pdftotext", pdf, "-").split())
    for heading in (
        "Report on web use", "Robin Marsh", "1 Summary", "2 Day by day",
        "3 Points in the employee’s favour, and limits of this record", "4 Visits that are counted",
        "5 Permitted use, and use in breaks", "6 How complete the record is", "7 How this was made",
        "8 How to check this report", "9 Words used here",
    ):  # fmt: skip
        assert heading in said
    for limit in (
        "Why a connection was not opened",
        "A bank: never opened",
        "went past the gateway. The clock was set",
    ):
        assert limit in said


def test_text_from_the_record_is_never_read_as_typst(tmp_path: Path) -> None:
    wicked = '#read("/etc/passwd") $x$ *bold* #panic("no") \\ <b> "quoted"'
    asked = request()
    visits = [dict(visit) | {"host": wicked, "search_phrase": wicked} for visit in asked.visits]
    asked = replace(asked, visits=visits, person_name=wicked, reason=wicked)
    (tmp_path / "r.pdf").write_bytes(render(asked))
    said = " ".join(tool("pdftotext", tmp_path / "r.pdf", "-").split())
    assert '#read("/etc/passwd") $x$ *bold* #panic("no")' in said
    assert "root:" not in said


def test_a_report_of_nothing_is_still_a_report(tmp_path: Path) -> None:
    empty = replace(request(), events=(), visits=(), segments=(), permissions=(), told_ms=0)
    (tmp_path / "r.pdf").write_bytes(render(empty))
    said = " ".join(tool("pdftotext", tmp_path / "r.pdf", "-").split())
    assert "No visit in this period is counted against this person." in said
    assert "There is no record that this person was told of monitoring." in said
