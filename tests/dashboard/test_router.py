"""From an address to a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.governance import Action
from analytics.store.remote import RemoteStore
from dashboard.app import Pages, assemble
from dashboard.router import asked
from dashboard.school import School
from tests.dashboard.small_school import SmallSchool, call, said, signed_in


@given(st.none() | st.text(), st.none() | st.text())
def test_any_address_can_be_taken_apart(path: str | None, search: str | None) -> None:
    found = asked(path, search)
    assert found.path.startswith("/")
    assert len(found.subject) <= 64


@pytest.mark.parametrize(
    ("path", "page", "subject"),
    [("/", "/", ""), ("/coverage/", "/coverage", ""), ("/person/p-1", "/person", "p-1"), ("/a/b/c", "/a/b/c", "")],
)
def test_addresses_name_their_page(path: str, page: str, subject: str) -> None:
    found = asked(path, "?range=today&day=2026-11-20")
    assert (found.path, found.subject) == (page, subject)
    assert found.wanted == {"range": "today", "day": "2026-11-20"}


def page_text(app: Pages, user: str, path: str, search: str = "") -> str:
    answer = call(app, signed_in(app, user), "page", address__pathname=path, address__search=search)
    assert answer.status_code == 200
    return said(answer)


def test_the_technician_comes_to_coverage_and_to_no_other_page(app: Pages, filled: SmallSchool) -> None:
    home = page_text(app, "technician", "/")
    assert "Was it recording?" in home
    assert '"href":"/"' not in home
    person = filled.people["Dilys Marchbank"]
    before = filled.here.governance.audit.head().seq
    refused = page_text(app, "technician", f"/person/{person}")
    assert "Not permitted" in refused
    assert "Dilys" not in refused
    assert "bet365" not in refused
    assert any(each.what == Action.REFUSED and each.seq > before for each in filled.here.governance.audit.entries())


def test_the_headteacher_never_sees_their_own_page(app: Pages, filled: SmallSchool) -> None:
    own = filled.people["Harriet Vane-Cole"]
    before = filled.here.governance.audit.head().seq
    refused = page_text(app, "head", f"/person/{own}")
    assert "Not permitted" in refused
    assert "amazon" not in refused
    refusals = [each for each in filled.here.governance.audit.entries() if each.seq > before]
    assert any(each.what == Action.REFUSED and each.whom == own for each in refusals)


def test_the_chair_sees_the_headteacher_and_nobody_else(app: Pages, filled: SmallSchool) -> None:
    assert "Harriet Vane-Cole" in page_text(app, "chair", f"/person/{filled.people['Harriet Vane-Cole']}")
    assert "Not permitted" in page_text(app, "chair", f"/person/{filled.people['Dilys Marchbank']}")
    overview = page_text(app, "chair", "/", "?range=four-weeks")
    assert "Harriet Vane-Cole" in overview
    assert "Dilys" not in overview


def test_an_id_that_nobody_has_is_refused_like_one_that_is_not_yours(app: Pages) -> None:
    assert "Not permitted" in page_text(app, "head", "/person/p-made-up")


def test_an_address_without_a_page_says_so(app: Pages) -> None:
    assert "There is nothing at this address" in page_text(app, "head", "/nothing/here")


def test_a_store_that_is_down_is_said_on_the_page(fresh: SmallSchool) -> None:
    here = fresh.here
    down = School(here.settings, here.state, here.governance, RemoteStore(here.state.store_socket), here.policy)
    app = assemble(down)
    for path in ("/", "/coverage"):
        found = page_text(app, "head", path)
        assert "The records cannot be read just now" in found
        assert "Nothing is lost" in found
    status = said(call(app, signed_in(app, "head"), "status"))
    assert "The store is not answering" in status
    assert "status trouble" in status


def test_titles_kept_in_the_browsers_history_name_nobody(app: Pages, filled: SmallSchool) -> None:
    for name in ("Dilys Marchbank", "Bethan Askew"):
        client = signed_in(app, "head")
        answer = call(app, client, "page", address__pathname=f"/person/{filled.people[name]}").get_json()
        assert answer["response"]["title"]["data"] == "One person – Fairgate"


def test_no_row_is_kept_in_the_browser(app: Pages, filled: SmallSchool) -> None:
    page = page_text(app, "head", f"/person/{filled.people['Dilys Marchbank']}")
    assert '"type":"Store"' not in page
    assert '"persistence":true' not in page.replace(" ", "")


def test_pages_show_no_addresses_of_devices(app: Pages, filled: SmallSchool) -> None:
    for path in ("/", "/coverage", f"/person/{filled.people['Dilys Marchbank']}"):
        assert "10.9.8.7" not in page_text(app, "head", path, "?range=four-weeks")
