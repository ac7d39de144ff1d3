"""Where one client just was."""

from analytics.event import Kind
from analytics.recent_navigations import RecentNavigations


def test_it_knows_how_long_ago_a_page_was_opened() -> None:
    recent = RecentNavigations()
    recent.opened("a.example", "/x?y=1", 1_000)
    assert recent.since_opened("a.example", 4_000) == 3_000
    assert recent.since_opened("b.example", 4_000) is None
    assert recent.is_open("a.example", "/x", 4_000)
    assert not recent.is_open("a.example", "/y", 4_000)
    assert not recent.is_open("a.example", "/x", 1_000 + 25 * 3_600_000)


def test_a_clock_that_steps_back_gives_no_negative_time() -> None:
    recent = RecentNavigations()
    recent.opened("a.example", "/", 5_000)
    assert recent.since_opened("a.example", 4_000) == 0


def test_a_redirect_is_remembered_for_half_a_minute() -> None:
    recent = RecentNavigations()
    recent.forwarded("b.example", "/home", Kind.NAVIGATION, 1_000)
    found = recent.forwarded_as("b.example", "/home?from=a", 31_000)
    assert found is not None
    assert (found.kind, found.confidence(90)) == (Kind.NAVIGATION, 90)
    assert recent.forwarded_as("b.example", "/home", 31_001) is None
    assert recent.forwarded_as("c.example", "/home", 1_000) is None


def test_a_redirect_is_used_up_on_arrival() -> None:
    recent = RecentNavigations()
    recent.forwarded("b.example", "/home", Kind.NAVIGATION, 1_000)
    recent.arrived("b.example", "/home?from=a")
    assert recent.forwarded_as("b.example", "/home", 1_100) is None


def test_who_is_sent_on_to_another_site_chose_it_less_surely() -> None:
    recent = RecentNavigations()
    recent.forwarded("b.example", "/", Kind.NAVIGATION, 1_000, same_site=False)
    found = recent.forwarded_as("b.example", "/", 1_100)
    assert found is not None
    assert (found.confidence(90), found.confidence(65)) == (75, 65)


def test_a_page_that_may_have_been_a_frame_stays_doubtful_until_it_is_surely_opened() -> None:
    recent = RecentNavigations()
    recent.opened_doubtfully("bets.example", "/", 1_000)
    assert recent.is_doubtful("bets.example", 3_600_000)
    assert recent.since_opened("bets.example", 3_000) == 2_000
    recent.opened("bets.example", "/", 4_000)
    assert not recent.is_doubtful("bets.example", 5_000)


def test_it_knows_whether_any_page_can_be_open() -> None:
    recent = RecentNavigations()
    assert not recent.anything_open(5_000)
    recent.opened("a.example", "/", 1_000)
    assert recent.anything_open(5_000)
    assert not recent.anything_open(1_000 + 25 * 3_600_000)


def test_a_frame_is_remembered_for_five_minutes() -> None:
    recent = RecentNavigations()
    recent.framed("ads.example", 1_000)
    assert recent.is_frame("ads.example", 301_000)
    assert not recent.is_frame("ads.example", 301_001)


def test_what_a_frame_hands_on_is_remembered_as_long_as_the_frame_unless_a_page_of_its_host_is_opened() -> None:
    recent = RecentNavigations()
    recent.framed("ads.example", 1_000, "handed on")
    assert recent.context_of("ads.example", 301_000) == "handed on"
    assert recent.context_of("ads.example", 301_001) is None
    assert recent.context_of("b.example", 1_000) is None
    recent.opened("ads.example", "/", 2_000)
    assert recent.context_of("ads.example", 2_000) is None
    recent.framed("ads.example", 3_000, "again")
    assert recent.context_of("ads.example", 3_000) == "again"


def test_it_never_grows_beyond_its_limit_and_forgets_the_oldest_first() -> None:
    recent = RecentNavigations(limit=3)
    for number in range(100):
        recent.opened(f"{number}.example", "/", number)
        recent.forwarded(f"{number}.example", "/", Kind.EMBEDDED, number)
        recent.framed(f"{number}.example", number, number)
    assert recent.since_opened("99.example", 100) == 1
    assert recent.since_opened("96.example", 100) is None
    assert max(len(getattr(recent, name)) for name in ("_hosts", "_pages", "_forwards", "_frames", "_contexts")) == 3


def test_it_holds_no_address() -> None:
    recent = RecentNavigations()
    recent.opened("secret.example", "/diary", 1)
    held = [getattr(recent, name) for name in RecentNavigations.__slots__]
    assert "secret" not in repr(held)


def test_what_was_hidden_stays_so_until_an_ordinary_page_of_the_host_or_its_time() -> None:
    recent = RecentNavigations()
    recent.hid_page("search.example", 0)
    recent.hid_frame("video.example", 0)
    assert recent.is_hidden("search.example", 1_000)
    assert recent.is_hidden("video.example", 300_000)
    assert not recent.is_hidden("video.example", 300_001)
    assert not recent.is_hidden("other.example", 0)
    recent.showed("search.example")
    assert not recent.is_hidden("search.example", 1_000)


def test_parts_without_a_page_may_follow_for_a_while() -> None:
    recent = RecentNavigations()
    assert not recent.parts_may_follow(1)
    recent.hid(1_000)
    assert recent.parts_may_follow(11_000)
    assert not recent.parts_may_follow(11_001)
