"""Who needs attention."""

from dashboard.app import Pages
from tests.dashboard.small_school import SmallSchool, call, said, signed_in


def page(app: Pages, user: str = "head", search: str = "?range=four-weeks") -> str:
    return said(call(app, signed_in(app, user), "page", address__pathname="/", address__search=search))


def test_whoever_gambled_comes_first_with_a_reason(app: Pages, filled: SmallSchool) -> None:
    found = page(app)
    assert "judged inappropriate" in found
    first = found.index("/person/")
    assert found[first:].startswith(f"/person/{filled.people['Dilys Marchbank']}")


def test_the_headteacher_is_not_in_their_own_overview(app: Pages, filled: SmallSchool) -> None:
    assert filled.people["Harriet Vane-Cole"] not in page(app)


def test_people_not_yet_told_are_counted_with_nothing_shown_of_them(app: Pages, filled: SmallSchool) -> None:
    found = page(app)
    assert "1 person not yet told of the policy" in found
    assert filled.people["Idris Newcombe"] not in found


def test_links_carry_ids_and_never_names(app: Pages) -> None:
    addresses = [part.split('"')[0] for part in page(app).split('"href":"')[1:]]
    assert addresses
    for address in addresses:
        assert not any(name in address for name in ("Dilys", "Askew", "bet365", "."))


def test_a_school_without_visits_says_no_visits_not_zero(fresh: SmallSchool) -> None:
    assert "No visits in this range" in page(fresh.app())
    assert "Nobody needs attention" in page(fresh.app())
