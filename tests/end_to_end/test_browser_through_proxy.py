"""The main job, end to end: Chromium browses through the proxy, and the visit comes out as a report that verifies.

Chromium verifies certificates for real: the gateway's authority is put in its own certificate store by certutil.
"""

import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from analytics.demonstration.cast import BY_KEY, HEADTEACHER
from analytics.demonstration.page import NOTICE
from tests.end_to_end.standing_demo import Demo, standing_demo

CHROMIUM, CERTUTIL = shutil.which("chromium"), shutil.which("certutil")
STAFF = BY_KEY["macallister"]
CLICKED = "www.rightmove.co.uk"
"""A site that this member of the cast never visits of their own accord, so only Chromium's click can explain it."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(CERTUTIL is None, reason="certutil is not installed (libnss3-tools)"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("browser")
    with standing_demo(folder / "state", folder / "said") as standing:
        yield standing


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def home(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder whose certificate store trusts the gateway, and nothing else of ours."""
    folder = tmp_path_factory.mktemp("home")
    store = folder / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certutil(store, "-N", "--empty-password")
    certutil(store, "-A", "-n", "gateway", "-t", "C,,", "-i", str(demo.gateway_ca))
    return folder


def certutil(store: Path, *arguments: str) -> None:
    subprocess.run([str(CERTUTIL), "-d", f"sql:{store}", *arguments], check=True, capture_output=True)


def chromium(playwright: Playwright, home: Path, **more: object) -> Browser:
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox"],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def browsed(demo: Demo, playwright: Playwright, home: Path) -> None:
    """A member of staff signs in at the proxy, opens a page and clicks their way to another site."""
    sign_in = {
        "server": f"http://127.0.0.1:{demo.gateway_port}",
        "username": STAFF.username,
        "password": demo.password(STAFF.key),
    }
    browser = chromium(playwright, home, proxy=sign_in)
    page = browser.new_page()
    page.goto("https://www.twinkl.co.uk/")
    expect(page.get_by_text(NOTICE)).to_be_visible()
    page.get_by_role("link", name="Resources, year 4").click()
    page.wait_for_url("https://www.twinkl.co.uk/resources/year-4")
    page.get_by_role("link", name="Rightmove", exact=True).click()
    page.wait_for_url(f"https://{CLICKED}/")
    expect(page.get_by_role("heading", name="Welcome to Rightmove")).to_be_visible()
    page.wait_for_load_state("networkidle")
    browser.close()


@pytest.fixture
def headteacher(demo: Demo, playwright: Playwright, home: Path, browsed: None) -> Iterator[Page]:
    """The Headteacher's browser, signed in to the dashboard and on that person's page."""
    browser = chromium(playwright, home)
    page = browser.new_page()
    page.goto(demo.dashboard)
    page.get_by_label("Username").fill(BY_KEY[HEADTEACHER].username)
    page.get_by_label("Password").fill(demo.password(HEADTEACHER))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=STAFF.name).first.click()
    expect(page.get_by_role("heading", name=STAFF.name)).to_be_visible(timeout=20_000)
    yield page
    browser.close()


def test_a_stranger_to_the_gateway_authority_refuses_its_certificates(
    demo: Demo, playwright: Playwright, tmp_path: Path
) -> None:
    sign_in = {
        "server": f"http://127.0.0.1:{demo.gateway_port}",
        "username": STAFF.username,
        "password": demo.password(STAFF.key),
    }
    browser = chromium(playwright, tmp_path, proxy=sign_in)
    with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        browser.new_page().goto("https://www.twinkl.co.uk/")
    browser.close()


def test_the_click_is_a_visit_on_the_persons_page(headteacher: Page) -> None:
    visit = until_shown(headteacher)
    assert "Private" in visit or "private" in visit
    assert "facebook.com" not in headteacher.get_by_role("grid").inner_text()


def test_its_report_verifies_until_one_byte_is_flipped(headteacher: Page, tmp_path: Path) -> None:
    until_shown(headteacher)
    bundle = tmp_path / "report.zip"
    bundle.write_bytes(report_with_the_visit(headteacher))
    good = verify(bundle)
    assert good.returncode == 0, good.stdout
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    bad = verify(bundle)
    assert bad.returncode == 1
    assert "WRONG" in bad.stdout


def until_shown(page: Page) -> str:
    """The row of the clicked visit, once it was loaded."""
    row = page.get_by_role("row").filter(has_text=CLICKED).first
    for _ in range(20):
        try:
            expect(row).to_be_visible(timeout=3_000)
        except AssertionError:
            page.reload()
        else:
            return row.inner_text()
    raise AssertionError(f"The visit never appeared. The page says:\n{page.inner_text('body')}")


def report_with_the_visit(page: Page) -> bytes:
    """The downloaded bundle, once the visit's segment is sealed and in it."""
    for _ in range(10):
        with page.expect_download() as coming:
            page.get_by_role("button", name="Download report").click()
        data = Path(coming.value.path()).read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            if any(CLICKED.encode() in bundle.read(name) for name in bundle.namelist()):
                return data
        page.wait_for_timeout(3_000)
    raise AssertionError("No downloaded report held the visit.")


def verify(bundle: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fairgate", "verify", str(bundle)], capture_output=True, text=True, check=False
    )
