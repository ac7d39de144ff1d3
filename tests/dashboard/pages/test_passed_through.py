"""What goes through unopened: counts by device and reason, never a site or a person."""

import pytest

from dashboard.app import Pages
from tests.dashboard.learnt_rows import APP
from tests.dashboard.small_school import SmallSchool, call, said, signed_in


def page(app: Pages, user: str, search: str = "?range=seven-days") -> str:
    return said(call(app, signed_in(app, user), "page", address__pathname="/passed-through", address__search=search))


@pytest.mark.parametrize("user", ["head", "chair", "technician"])
def test_it_says_what_is_learnt_for_which_device_and_what_to_mend(app: Pages, user: str) -> None:
    found = page(app, user)
    assert "1 device without the school's certificate and 1 device for which no more may be learnt." in found
    assert "Staffroom laptop 4" in found
    assert "10.9.8.20, not in the register" in found
    assert "d-9" in found
    assert "Devices that are full" in found
    assert "of at most 500" in found


@pytest.mark.parametrize("user", ["head", "chair", "technician"])
def test_it_holds_no_site_and_nobody(app: Pages, filled: SmallSchool, user: str) -> None:
    found = page(app, user, "?range=four-weeks")
    looking = {"head": "Harriet Vane-Cole", "chair": "Oswin Pettifer"}.get(user)
    assert APP not in found
    assert "files.example" not in found
    assert not any(name in found for name in filled.people if name != looking)
    assert not any(host in found for host in ("bet365", "amazon", "gov.uk"))


def test_reasons_are_in_plain_words_with_counts(app: Pages) -> None:
    found = page(app, "technician")
    assert "A bank: never opened" in found
    assert "Somebody who was not told yet" in found
    assert '"31"' in found
    assert "no name is kept, only this count" in found


def test_staff_and_others_do_not_get_it(app: Pages) -> None:
    assert "Not permitted" in page(app, "staff")
    assert "Staffroom" not in page(app, "staff")


def test_what_is_learnt_is_as_of_now_whatever_the_range(app: Pages) -> None:
    found = page(app, "technician", "?range=last-week")
    assert "Learnt for single devices" in found
    assert "Devices that are full" not in found
    assert "Nothing went through unopened" in found
