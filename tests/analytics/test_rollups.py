"""The daily rollup sums exactly the visits it is given."""

from dataclasses import replace

from hypothesis import given

from analytics.rollups import daily_rows
from analytics.visits import visits_of
from tests.analytics.test_visits import NEWS, days, row


def test_permitted_visits_stand_apart() -> None:
    visits = visits_of([row(1, 0), row(2, 60_000), row(3, 120_000, permission_id="perm-1")])
    assert [(line.permitted, line.visits) for line in daily_rows(visits)] == [(0, 2), (1, 1)]


def test_gravity_is_the_greatest_and_time_the_sum() -> None:
    visits = visits_of([row(1, 0, gravity=3), row(2, 30_000), row(3, 90_000, host=NEWS)])
    shop, news = daily_rows(visits)
    assert (shop.category, shop.visits, shop.lower_s, shop.max_gravity) == ("www.shop.example", 2, 90, 3)
    assert (news.category, news.visits, news.lower_s) == (NEWS, 1, 0)


@given(days())
def test_the_sums_are_those_of_the_visits(events: list[dict[str, object]]) -> None:
    visits = [replace(visit, gravity=visit.start_ms % 5) for visit in visits_of(events)]
    rows = daily_rows(visits)
    assert sum(line.visits for line in rows) == len(visits)
    assert sum(line.upper_s for line in rows) == sum(visit.upper_s for visit in visits)
    assert max((line.max_gravity for line in rows), default=0) == max((visit.gravity for visit in visits), default=0)
