"""The forms of the notices page are read in tests/dashboard/test_notices.py; here, that both ways have words."""

from analytics.governance.told_file import ENTERED
from dashboard.notice_forms import WAYS


def test_each_way_that_may_be_entered_has_its_words() -> None:
    assert set(WAYS) == set(ENTERED)
