"""Routes: how each answers is shown by the server's own tests; here, that a page must be made plain on purpose."""

from analytics.portal.route import Answering, Route


def test_a_page_is_answered_over_tls_alone_unless_it_says_otherwise() -> None:
    assert not Route(pattern="/sign-in", handler=Answering).plain
