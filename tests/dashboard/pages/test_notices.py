"""The page of notices: who is outstanding since when, how the others were told, for whoever sees to it."""

from dashboard.app import Pages
from tests.dashboard.small_school import SmallSchool, call, said, signed_in


def page(app: Pages, user: str, search: str = "") -> str:
    answer = call(app, signed_in(app, user), "page", address__pathname="/notices", address__search=search)
    return said(answer)


def test_the_headteacher_sees_who_is_outstanding_and_how_the_others_were_told(app: Pages) -> None:
    found = page(app, "head")
    assert "1 person of 8 not yet told of the notice in force" in found
    assert found.index("Idris Newcombe") < found.index("Bethan Askew")
    assert "Signed paper" in found or "signed paper" in found
    assert "Harriet Vane-Cole" not in found


def test_the_chair_sees_the_headteacher_alone(app: Pages) -> None:
    found = page(app, "chair")
    assert "Harriet Vane-Cole" in found
    assert "Idris Newcombe" not in found


def test_others_do_not_see_it(app: Pages) -> None:
    for user in ("technician", "staff"):
        assert "Not permitted" in page(app, user)


def test_what_was_recorded_is_said_and_nothing_else_from_the_address(app: Pages) -> None:
    assert "Recorded: 3 people told" in page(app, "head", "?done=3")
    for wrong in ("?done=<b>", "?done=99999999", "?done="):
        assert "Recorded:" not in page(app, "head", wrong)


def test_before_anything_was_published_it_says_so(fresh: SmallSchool) -> None:
    app = fresh.app()
    assert "Outstanding" in page(app, "head")
