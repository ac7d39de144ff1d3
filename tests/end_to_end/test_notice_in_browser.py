"""The notice in a real browser: a page visit, the notice, the button, the page that was wanted, and the next recorded.

Set NOTICE_SCREENSHOTS to a folder to keep pictures of the pages.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from analytics.event import Kind
from tests.end_to_end.a_notice import NOTICE, acknowledged, standing, untold_school
from tests.end_to_end.test_browser_through_proxy import certutil
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import School

CHROMIUM, CERTUTIL = shutil.which("chromium"), shutil.which("certutil")
WANTED = "http://news.oldsite.example/news?id=17"
"""Over plain HTTP alone: what a browser can have over HTTPS it asks for there first."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(CERTUTIL is None, reason="certutil is not installed (libnss3-tools)"),
]


@pytest.fixture
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


def trusting(playwright: Playwright, school: School, home: Path) -> Browser:
    """A browser behind the proxy, with its own store of authorities: the gateway's, and the stand-in web's."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certutil(store, "-N", "--empty-password")
    certutil(store, "-A", "-n", "gateway", "-t", "C,,", "-i", school.ca)
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox"],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        proxy={"server": school.proxy},
    )


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("NOTICE_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_from_a_page_visit_by_the_notice_to_the_page_and_then_the_next_page_is_recorded(
    tmp_path: Path, playwright: Playwright
) -> None:
    web = LocalWeb(tmp_path / "web")
    school = untold_school(tmp_path, web)
    with web, standing(school):
        browser = trusting(playwright, school, tmp_path / "home")
        page = browser.new_page()
        page.goto(WANTED)
        expect(page.get_by_role("heading", level=1)).to_have_text(NOTICE.title)
        assert "oldsite" not in page.url
        expect(page.get_by_text("for the member of staff to whom this computer belongs")).to_be_visible()
        page.get_by_role("button", name=NOTICE.acknowledgement).click()
        page.wait_for_url(WANTED)
        page.goto("https://www.gov.uk/")
        assert wait_until(lambda: {"news.oldsite.example", "www.gov.uk"} <= {event.host for event in school.events()})
        browser.close()
    chosen = [event.host for event in school.events() if event.kind is Kind.NAVIGATION]
    assert chosen == ["news.oldsite.example", "www.gov.uk"]
    assert [record.person_id for record in acknowledged(school)] == ["p-una"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_without_scripts_at_any_width_in_light_and_dark_it_can_be_read_and_answered(
    tmp_path: Path, playwright: Playwright, width: int, scheme: str
) -> None:
    web = LocalWeb(tmp_path / "web")
    school = untold_school(tmp_path, web)
    with web, standing(school):
        browser = trusting(playwright, school, tmp_path / "home")
        context = browser.new_context(
            viewport={"width": width, "height": 720},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=False,
        )
        page = context.new_page()
        asked: list[str] = []
        page.goto(WANTED)
        page.on("request", lambda request: asked.append(request.url))
        page.reload()
        keep(page, f"notice-{width}-{scheme}")
        box = page.locator("main").bounding_box()
        assert box is not None
        assert box["width"] <= width, "nothing is cut off at the side"
        assert [url for url in asked if url.startswith("http")] == [page.url], "nothing else is fetched"
        assert page.locator("html").get_attribute("lang") == "en-GB"
        page.keyboard.press("Tab")
        keep(page, f"notice-{width}-{scheme}-skip")
        page.get_by_role("button", name="I am not this person").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was noted")
        keep(page, f"not-me-{width}-{scheme}")
        page.get_by_role("link", name="Go on to the page you wanted").click()
        page.wait_for_url(WANTED)
        browser.close()
    assert acknowledged(school) == []
