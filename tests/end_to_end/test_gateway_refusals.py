"""What a person sees where a site cannot be shown, and what is recorded of it."""

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from proxy_addons import refusals
from proxy_addons.refusals import Refusal
from tests.end_to_end.browsing import page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import School

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.slow

EXPIRED, EARLY, MISNAMED, UNKNOWN = (f"{name}.currys.co.uk" for name in ("expired", "early", "misnamed", "unknown"))
CUT, GARBAGE = "cut.currys.co.uk", "garbage.currys.co.uk"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web")) as web:
        web.expired.add(EXPIRED)
        web.early.add(EARLY)
        web.misnamed.add(MISNAMED)
        web.unknown.add(UNKNOWN)
        yield web


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, web: LocalWeb) -> Iterator[School]:
    school = School(tmp_path_factory.mktemp("school") / "state", web)
    with school.running():
        yield school


@pytest.mark.parametrize(
    ("host", "path", "refusal"),
    [
        (EXPIRED, "/", refusals.EXPIRED),
        (EARLY, "/", refusals.NOT_YET),
        (MISNAMED, "/", refusals.WRONG_NAME),
        (UNKNOWN, "/", refusals.UNPROVEN),
        (CUT, "/cut", refusals.CUT_SHORT),
        (GARBAGE, "/garbage", refusals.UNREADABLE),
    ],
)
def test_a_fault_of_a_site_is_told_plainly_and_recorded(
    school: School, web: LocalWeb, host: str, path: str, refusal: Refusal
) -> None:
    answer = page(school, f"https://{host}{path}")
    assert answer.status == 502
    assert shown(answer.body) == refusal.title
    assert "mitmproxy" not in answer.body
    if path == "/":
        assert host not in [asked for asked, *_ in web.seen], "the request never went to a site that proved nothing"
    assert wait_until(lambda: any(event.host == host for event in school.events()))
    (event,) = [event for event in school.events() if event.host == host]
    assert (event.status, event.bytes_down, event.person_id) == (0, 0, "p-anne")


def test_over_http2_the_page_is_the_same(school: School) -> None:
    answer = page(school, f"https://{CUT}/cut", "--http2")
    assert shown(answer.body) == refusals.CUT_SHORT.title


def test_a_site_that_is_not_there_and_a_name_that_is_none(tmp_path: Path) -> None:
    school = School(tmp_path / "state")
    with school.running():
        assert shown(page(school, "http://127.0.0.1:1/").body) == refusals.UNREACHED.title
        named = shown(page(school, "http://no-such-site.invalid/").body)
        assert named in (refusals.NO_SUCH_NAME.title, refusals.NAME_UNANSWERED.title)


def test_what_cannot_be_understood_is_told_as_plainly(school: School) -> None:
    answer = page(school, "http://www.currys.co.uk/", "-H", "Content-Length: 5", "-H", "Transfer-Encoding: chunked")
    assert (answer.status, shown(answer.body)) == (400, refusals.MISUNDERSTOOD.title)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_a_browser_is_whole_and_readable(school: School, tmp_path: Path, scheme: str) -> None:
    body = page(school, f"https://{EXPIRED}/").body
    file = tmp_path / "page.html"
    file.write_text(body, encoding="utf-8")
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        seen = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
        asked: list[str] = []
        seen.on("request", lambda request: asked.append(request.url))
        seen.goto(file.as_uri())
        assert asked == [file.as_uri()], "nothing else is fetched"
        assert seen.get_by_role("heading", level=1).inner_text() == refusals.EXPIRED.title
        assert seen.get_by_role("main").count() == 1
        assert seen.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert seen.evaluate("document.compatMode") == "CSS1Compat"
        seen.screenshot(path=str(tmp_path / f"refusal-{scheme}.png"), full_page=True)
        browser.close()


class _Heading(HTMLParser):
    """The text of the only h1."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "h1"

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text.append(data)


def shown(body: str) -> str:
    """The heading of the page, as read by a person."""
    reader = _Heading()
    reader.feed(body)
    return "".join(reader.text)
