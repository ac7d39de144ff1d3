"""The portal's pages: whatever is put into them is escaped, and they carry all they need."""

import re

from tornado.template import Loader

from analytics.portal import pages
from analytics.portal.pages import STYLE


def shown(**more: object) -> str:
    given = {"title": "<b>T</b>", "school": "<i>S</i>", "style": STYLE, "paragraphs": ["<script>"], "go_on": '"><x>'}
    loader = Loader(str(pages._HERE / "templates"))
    return loader.load("message.html").generate(**{**given, **more}).decode()


def test_everything_is_escaped() -> None:
    page = shown()
    for raw in ("<b>T", "<i>S", "<script>", '"><x>'):
        assert raw not in page


def test_nothing_is_fetched_and_no_script_runs() -> None:
    page = shown()
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="([^"#]*)"', page.replace("&quot;&gt;&lt;x&gt;", "")) == ["data:,", ""]
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_it_reads_in_the_dark_and_on_paper() -> None:
    assert "prefers-color-scheme: dark" in STYLE
    assert "@media print" in STYLE
    assert "width=device-width" in shown()
