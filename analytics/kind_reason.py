"""The clues that decide how an exchange came about, and what each says to a person.

Owns the closed list of codes that stand on events, one plain sentence for each, and how sure is sure enough to count.
A code is never renamed: stored events and signed reports hold it.
"""

from enum import StrEnum
from typing import Final

from analytics.event import Kind

COUNTS_FROM: Final = 50
"""A navigation less sure than this (percent) is shown as a visit, and counted against nobody."""
UNSURE: Final = 45
"""The confidence where it cannot be told whether anybody chose it."""


class KindReason(StrEnum):
    """The clue that decided."""

    TYPED_OR_CLICKED = "typed_or_clicked"
    FORM_SENT = "form_sent"
    OPENED_WITHOUT_CLICK = "opened_without_click"
    REACHED_BY_REDIRECT = "reached_by_redirect"
    LOOKS_OPENED = "looks_opened"
    FORWARDED = "forwarded"
    FORWARDED_BY_SCRIPT = "forwarded_by_script"
    REFRESHED_ITSELF = "refreshed_itself"
    WENT_ON_BY_ITSELF = "went_on_by_itself"
    CLICKED_IN_FRAME = "clicked_in_frame"
    MAY_BE_FRAMED = "may_be_framed"
    FRAME = "frame"
    LOOKS_FRAMED = "looks_framed"
    PART_OF_PAGE = "part_of_page"
    LOOKS_PART_OF_PAGE = "looks_part_of_page"
    PAGE_SCRIPT = "page_script"
    PAGE_LEFT_OPEN = "page_left_open"
    PREFETCH = "prefetch"
    PREFLIGHT = "preflight"
    LIVE_CONNECTION = "live_connection"
    BROWSER_ITSELF = "browser_itself"
    APPLICATION = "application"
    NOT_A_BROWSER = "not_a_browser"
    NOT_A_PAGE = "not_a_page"
    NOT_DECRYPTED = "not_decrypted"
    NOT_ON_THE_NETWORK = "not_on_the_network"
    FROM_BROWSER_STORE = "from_browser_store"


SENTENCES: Final = {
    KindReason.TYPED_OR_CLICKED: "The browser says that the person typed the address or clicked.",
    KindReason.FORM_SENT: "The browser says that the person sent a form.",
    KindReason.OPENED_WITHOUT_CLICK: "The browser opened the page, but does not say that the person clicked for it.",
    KindReason.REACHED_BY_REDIRECT: "The page was opened, but only because the address before it forwarded there.",
    KindReason.LOOKS_OPENED: "The browser does not say how this came about; it asked as browsers do for a page.",
    KindReason.FORWARDED: "This address only forwarded the browser to another.",
    KindReason.FORWARDED_BY_SCRIPT: "The page before forwarded the browser here by itself; nobody clicked.",
    KindReason.REFRESHED_ITSELF: "A page that was already open loaded itself again.",
    KindReason.WENT_ON_BY_ITSELF: "A page that had been open for a while opened this by itself; nobody clicked.",
    KindReason.CLICKED_IN_FRAME: "A frame took over the window, which the browser allows only after a click in it.",
    KindReason.MAY_BE_FRAMED: "It cannot be told whether somebody opened this or a page showed it in a frame.",
    KindReason.FRAME: "A frame within another page.",
    KindReason.LOOKS_FRAMED: "It came too soon after another page for a click, as frames do.",
    KindReason.PART_OF_PAGE: "A picture, script, style or the like that a page pulled in.",
    KindReason.LOOKS_PART_OF_PAGE: "The browser does not say how this came about; it is no page, so one pulled it in.",
    KindReason.PAGE_SCRIPT: "A script of a page that was just opened fetched this.",
    KindReason.PAGE_LEFT_OPEN: "A script fetched this long after its page was opened, or the page is not known.",
    KindReason.PREFETCH: "The browser fetched this in advance, in case it is wanted.",
    KindReason.PREFLIGHT: "The browser only asked whether a page's script may fetch this.",
    KindReason.LIVE_CONNECTION: "A connection that a page keeps open for live updates.",
    KindReason.BROWSER_ITSELF: "The browser fetched this for itself: a service worker, report or icon.",
    KindReason.APPLICATION: "An installed application, not a browser, fetched this.",
    KindReason.NOT_A_BROWSER: "A program that is no browser fetched this.",
    KindReason.NOT_A_PAGE: "Not the way in which browsers open a page.",
    KindReason.NOT_DECRYPTED: "The connection was not opened, so nobody can say how it came about.",
    KindReason.NOT_ON_THE_NETWORK: "This never left the browser, so the gateway would not see it.",
    KindReason.FROM_BROWSER_STORE: "The recording says that this page was opened; the browser had it already.",
}

type Answer = tuple[Kind, int, KindReason]
"""How it came about, how sure that is (0 to 100), and the clue."""
