"""What is said of a fault between this gateway and a site, in words for whoever meets it.

Owns the words, and which of them a fault of mitmproxy's gets. Promises: every fault gets some; none quotes anything of
the request, the address or the site's answer; none offers to go on to a site that could not prove who it is.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is said of one kind of fault. `quote` is what a person tells the technician."""

    quote: str
    title: str
    happened: tuple[str, ...]
    do: tuple[str, ...]


AGAIN: Final = "Try again in a few minutes."
ADDRESS: Final = "Look at the address again: one wrong letter is enough."
_PROOF: Final = "Every safe site carries a certificate that proves it is the real one."
_UNSAFE: Final = "Nothing was sent to the site, so no password or name of yours went to it."
_OTHER_WAY: Final = "Do not try to reach it another way until it is mended."

EXPIRED: Final = Refusal(
    "certificate out of date",
    "This site's proof of who it is has run out",
    (
        f"{_PROOF} This site's is out of date, so we cannot be sure that it is the real site.",
        _UNSAFE,
    ),
    ("Check that the date and time of your computer are right.", AGAIN, _OTHER_WAY),
)
NOT_YET: Final = Refusal(
    "certificate not yet valid",
    "This site's proof of who it is does not hold yet",
    (
        f"{_PROOF} This site's holds only from a later date, so we cannot be sure that it is the real site.",
        _UNSAFE,
    ),
    ("Check that the date and time of your computer are right.", AGAIN, _OTHER_WAY),
)
WRONG_NAME: Final = Refusal(
    "certificate for another name",
    "This site showed another site's proof of who it is",
    (
        f"{_PROOF} This one was made out to another name, so we cannot be sure that you would reach the site you "
        "meant.",
        _UNSAFE,
    ),
    (ADDRESS, AGAIN, _OTHER_WAY),
)
WITHDRAWN: Final = Refusal(
    "certificate withdrawn",
    "This site's proof of who it is was withdrawn",
    (
        f"{_PROOF} This site's was declared invalid by those who gave it out.",
        _UNSAFE,
    ),
    (_OTHER_WAY,),
)
UNPROVEN: Final = Refusal(
    "certificate not trusted",
    "This site could not prove who it is",
    (
        f"{_PROOF} This site's was not given out by anybody whom computers trust, so somebody else might be "
        "posing as the site.",
        _UNSAFE,
    ),
    (ADDRESS, AGAIN, _OTHER_WAY),
)
UNSAFE: Final = Refusal(
    "no safe connection",
    "No safe connection to this site could be made",
    ("The site and the school's network could not agree on a safe way to talk to each other.", _UNSAFE),
    (ADDRESS, AGAIN),
)
NO_SUCH_NAME: Final = Refusal(
    "no such name",
    "There is no site of this name",
    ("The internet's list of names has no site of the name that was asked for.",),
    (ADDRESS, AGAIN),
)
NAME_UNANSWERED: Final = Refusal(
    "name not looked up",
    "This site's place on the internet could not be looked up",
    ("The list of names that the school's network asks did not answer, so nothing is known about the site.",),
    (AGAIN, "See whether other sites open. If none does, the school's connection may be at fault."),
)
UNREACHED: Final = Refusal(
    "not reached",
    "This site could not be reached",
    ("The site did not answer. It may be switched off, very busy, or not there any more.",),
    (AGAIN, "See whether other sites open. If none does, the school's connection may be at fault."),
)
CUT_SHORT: Final = Refusal(
    "closed without an answer",
    "This site hung up without an answer",
    ("The site was reached, and closed the connection before it had sent a page.",),
    (AGAIN,),
)
UNREADABLE: Final = Refusal(
    "answer not readable",
    "This site's answer could not be read",
    ("The site sent something that is no proper answer to a browser, so it was not passed on.",),
    (AGAIN,),
)
MISUNDERSTOOD: Final = Refusal(
    "request not readable",
    "What was asked for could not be understood",
    ("Your browser or program asked for something in a way that cannot be read, so it was not passed on.",),
    (ADDRESS, "Restart your browser.", AGAIN),
)

_BY_WORDS: Final = (
    (("certificate has expired",), EXPIRED),
    (("certificate is not yet valid",), NOT_YET),
    (("hostname mismatch", "ip address mismatch", "not valid for"), WRONG_NAME),
    (("certificate revoked",), WITHDRAWN),
    (("certificate verify failed",), UNPROVEN),
    (("name or service not known", "nodename nor servname", "no address associated"), NO_SUCH_NAME),
    (("failure in name resolution",), NAME_UNANSWERED),
    (("openssl", "tls version", "does not speak tls", "alert", "handshake"), UNSAFE),
    (("server closed connection", "connection closed", "connection reset", "broken pipe"), CUT_SHORT),
    (
        ("cannot parse http response", "from server", "unexpected server response", "protocol error", "headers"),
        UNREADABLE,
    ),
)
"""mitmproxy tells faults apart by its words alone; the first line that knows them decides."""


def refusal_for(status: int, message: str) -> Refusal:
    """Which of them a fault of mitmproxy's is."""
    if status < 500:
        return MISUNDERSTOOD
    said = message.lower()
    for words, refusal in _BY_WORDS:
        if any(word in said for word in words):
            return refusal
    return UNREACHED
