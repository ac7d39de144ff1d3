"""The pages in a real browser: signed in, clicked through, with nothing refused, thrown or fetched from outside."""

from collections.abc import Iterator
from itertools import pairwise
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from analytics.governance import Role
from dashboard.app import Pages
from tests.dashboard.small_school import PASSWORD, PULLED_IN, SmallSchool

pytestmark = pytest.mark.slow
CHROMIUM = "/usr/bin/chromium"
REFUSED = "the server responded with a status of 401"
"""What the browser says of a request without a session."""


@pytest.fixture(scope="module")
def address(app: Pages) -> Iterator[str]:
    """Where the application answers, on loopback."""
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def faults() -> list[str]:
    """What a watched page did that it should not: filled by `watch`."""
    return []


@pytest.fixture
def expected() -> list[str]:
    """Words of complaints that a test provokes on purpose."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, faults: list[str], expected: list[str]) -> Iterator[Page]:
    """A watched page at the sign-in."""
    context = browser.new_context(base_url=address, viewport={"width": 1366, "height": 768}, color_scheme="light")
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    watch(opened, address, faults)
    opened.goto("/")
    yield opened
    context.close()
    assert [fault for fault in faults if not any(words in fault for words in expected)] == []


def watch(page: Page, address: str, faults: list[str]) -> None:
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    inside = (f"{address}/", "data:", "blob:")
    page.on("request", lambda sent: None if sent.url.startswith(inside) else faults.append(f"outside: {sent.url}"))


def enter(page: Page, username: str) -> None:
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.click("text=Sign in >> visible=true >> nth=-1")
    expect(page.locator("main h1")).to_be_visible()


def test_the_headteacher_goes_from_the_overview_to_what_a_page_pulled_in(page: Page) -> None:
    enter(page, "head")
    expect(page.locator("main h1")).to_have_text("Who needs attention")
    expect(page.locator("#status")).to_contain_text("Data up to")
    expect(page.locator(".attention h2").first).to_contain_text("Dilys Marchbank")
    expect(page.locator(".js-plotly-plot .bars .point").first).to_be_visible()
    page.click(".attention h2 a >> nth=0")
    expect(page.locator("main h1")).to_have_text("Dilys Marchbank")
    assert "Dilys" not in page.url
    page.locator(".visits .ag-row").first.click()
    expect(page.locator("#visit-detail")).to_contain_text(PULLED_IN[0])
    page.keyboard.press("Escape")
    expect(page.locator("#visit-detail")).not_to_be_visible()


def test_the_day_is_changed_by_link_and_back_returns(page: Page) -> None:
    enter(page, "head")
    page.click(".attention h2 a >> nth=0")
    heading = page.locator("#day h2")
    expect(heading).to_be_visible()
    first = heading.inner_text()
    page.click("#day .steps a >> nth=0")
    expect(heading).not_to_have_text(first)
    page.go_back()
    expect(heading).to_have_text(first)


def test_the_table_twin_and_the_look_work_by_keyboard(page: Page) -> None:
    enter(page, "head")
    summary = page.locator("summary", has_text="Show as a table").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".twin table").first).to_be_visible()
    page.locator("#look-toggle").focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_the_skip_link_comes_first_and_headings_are_in_order(page: Page) -> None:
    enter(page, "head")
    expect(page.locator(".attention")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(each => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_controls_are_large_enough_to_hit(page: Page) -> None:
    enter(page, "head")
    expect(page.locator(".strip td a").first).to_be_visible()
    small = page.evaluate(
        "[...document.querySelectorAll('button, nav a, .strip td a, summary')]"
        ".map(each => each.getBoundingClientRect())"
        ".filter(box => box.width && (box.width < 24 || box.height < 24)).length"
    )
    assert small == 0


@pytest.mark.parametrize("width", [390, 683])
def test_nothing_but_tables_needs_sideways_scrolling(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    enter(page, "head")
    expect(page.locator(".strip table")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1366, 390])
def test_a_request_is_asked_and_answered_by_keyboard_and_mouse(
    page: Page, filled: SmallSchool, width: int, expected: list[str]
) -> None:
    expected.append("the server responded with a status of 400")
    page.set_viewport_size({"width": width, "height": 844})
    enter(page, "staff")
    expect(page.locator("main h1")).to_have_text("Permissions")
    page.click("text=Ask for permission")
    box = page.locator(".ticks")
    assert box.evaluate("each => each.scrollWidth <= each.clientWidth"), "kinds of site are hidden to the side"
    page.click("text=Send the request")
    expect(page.locator(".faults")).to_contain_text("Choose at least one kind of site")
    page.click('.faults a[href="#why"]')
    assert page.evaluate("document.activeElement.id") == "why"
    page.keyboard.type(f"A journey, asked at {width}")
    page.locator('input[value="travel"]').focus()
    page.keyboard.press("Space")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("text=Send the request")
    expect(page.locator(".done")).to_contain_text("has been sent")
    page.click("text=Sign out")
    enter(page, "head")
    page.click("#sections >> text=Permissions")
    expect(page.locator(".entries").first).to_contain_text(f"A journey, asked at {width}")
    page.click("text=Decide >> nth=0")
    expect(page.locator(".limits")).not_to_be_visible()
    page.check('input[value="limit"]')
    expect(page.locator(".limits")).to_be_visible()
    page.check('input[value="grant"]')
    page.click("text=Record the answer")
    expect(page.locator(".done")).to_contain_text("Granted")
    expect(page.locator("main")).to_contain_text("In force at the gateway since")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "Bethan" not in page.url


def test_the_technician_gets_coverage_and_counts_and_nobodys_page(page: Page) -> None:
    enter(page, "technician")
    expect(page.locator("main h1")).to_have_text("Coverage")
    expect(page.locator("#sections a")).to_have_count(3)
    page.goto("/person/p-1")
    expect(page.locator("main")).to_contain_text("Not permitted")


@pytest.mark.parametrize("width", [1366, 683, 390])
def test_the_technician_sees_what_goes_through_unopened_on_any_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    enter(page, "technician")
    page.click("#sections >> text=Passed through")
    expect(page.locator("main h1")).to_have_text("Passed through")
    expect(page.locator("main")).to_contain_text("Staffroom laptop 4")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(each => Number(each.tagName[1]))")
    assert all(after - before <= 1 for before, after in pairwise(levels))
    regions = page.locator("main .scroll")
    assert regions.count() == 4
    for number in range(regions.count()):
        regions.nth(number).focus()
        assert regions.nth(number).evaluate("each => document.activeElement === each")
        assert regions.nth(number).get_attribute("aria-label")
    page.click("#sections >> text=Coverage")
    expect(page.locator("main h1")).to_have_text("Coverage")


def test_nothing_of_anybody_is_left_in_the_browser_after_signing_out(page: Page) -> None:
    enter(page, "head")
    page.click(".attention h2 a >> nth=0")
    expect(page.locator(".visits .ag-row").first).to_be_visible()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Dilys" not in kept
    assert "bet365" not in kept
    page.click("text=Sign out")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Sign in")


def test_a_session_that_has_ended_leads_back_to_the_sign_in(
    page: Page, filled: SmallSchool, expected: list[str]
) -> None:
    expected.append(REFUSED)
    enter(page, "chair")
    governance = filled.here.governance
    account = governance.holdings.accounts(Role.CHAIR)[0]
    governance.door.end_all(account, "role ended in a test", account)
    page.click("#sections >> text=Coverage")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_a_page_that_nobody_touches_signs_itself_out(page: Page, expected: list[str]) -> None:
    # Its status line may ask once more while it leaves.
    expected.append(REFUSED)
    page.clock.install()
    enter(page, "technician")
    # Dash gives plotly thirty seconds to load, which the clock is about to skip.
    expect(page.locator(".js-plotly-plot .bars .point").first).to_be_visible()
    page.clock.fast_forward("31:00")
    page.clock.run_for(31_000)
    expect(page.locator("h1")).to_have_text("Sign in")
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Sign in")
