"""The stand-in web: which sites answer, what each is about, and what its pages pull in.

Owns the catalogue that the stand-in server renders, the demonstration's staff browse and the back-history is made of.
The host names are real, because the school's policy is about real sites; everything they answer with is invented.
Promises: what a page pulls in (`parts`) is the same for the rendered page and for the history.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urljoin, urlsplit


class Dest(StrEnum):
    """What a browser wants a part for, in the words of Sec-Fetch-Dest."""

    DOCUMENT = "document"
    FRAME = "iframe"
    STYLE = "style"
    SCRIPT = "script"
    IMAGE = "image"
    FETCH = "empty"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing a page pulls in: an absolute address and what for."""

    url: str
    dest: Dest


@dataclass(frozen=True, slots=True)
class Site:
    """One stand-in site. `pages` are paths beside "/"; the flags say what its pages carry."""

    host: str
    name: str
    topic: str
    pages: tuple[str, ...] = ()
    adverts: bool = False
    social_box: bool = False
    polls: bool = False

    @property
    def home(self) -> str:
        return f"https://{self.host}/"

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.home, *(urljoin(self.home, page) for page in self.pages))


POLL_PATH: Final = "/live/updates.json"
DOWNLOAD_PATH: Final = "/downloads/resource-pack.zip"
SLOW_PATH: Final = "/slow"
MISSING_PATH: Final = "/no-such-page"
FORM_PATH: Final = "/enquiry"
PLAIN_HOSTS: Final = frozenset(("village-hall.example",))
"""Sites that speak plain HTTP only; every other one redirects to HTTPS."""

CATALOGUE: Final = (
    # -- teaching and running a school
    Site("www.twinkl.co.uk", "Twinkl", "teaching", ("/resources/year-4", "/resources/phonics", "/search?q=fractions")),
    Site("www.bbc.co.uk", "BBC", "news", ("/news", "/news/education", "/weather"), social_box=True, polls=True),
    Site("www.tes.com", "Tes", "teaching", ("/teaching-resources", "/magazine"), adverts=True, social_box=True),
    Site("www.thenational.academy", "Oak National Academy", "teaching", ("/teachers", "/teachers/year-4-maths")),
    Site("whiterosemaths.com", "White Rose Education", "teaching", ("/resources", "/resources/year-6")),
    Site("www.phonicsplay.co.uk", "PhonicsPlay", "teaching", ("/resources/phase/3", "/resources/phase/5")),
    Site("ttrockstars.com", "Times Tables Rock Stars", "teaching", ("/teachers",)),
    Site("classroom.google.com", "Google Classroom", "teaching", ("/u/0/h",), polls=True),
    Site("www.gov.uk", "GOV.UK", "running", ("/government/organisations/ofsted", "/school-attendance-absence")),
    Site("www.kent.gov.uk", "Kent County Council", "running", ("/education-and-children",)),
    Site("www.cpoms.co.uk", "CPOMS", "running", ("/log-in",)),
    Site("outlook.office.com", "Outlook", "running", ("/mail/",), polls=True),
    Site("www.google.com", "Google", "search", ("/search?q=year+4+fractions+worksheet", "/search?q=roman+britain+ks2")),
    # -- private life
    Site("www.theguardian.com", "The Guardian", "news", ("/uk", "/education"), adverts=True, social_box=True),
    Site("www.dailymail.co.uk", "MailOnline", "news", ("/home", "/tvshowbiz"), adverts=True, social_box=True),
    Site("www.amazon.co.uk", "Amazon.co.uk", "shopping", ("/deals", "/gp/cart", "/kitchen"), adverts=True),
    Site("www.ebay.co.uk", "eBay", "shopping", ("/deals", "/garden"), adverts=True),
    Site("www.johnlewis.com", "John Lewis", "shopping", ("/home-garden", "/women")),
    Site("www.argos.co.uk", "Argos", "shopping", ("/toys", "/furniture")),
    Site("www.rightmove.co.uk", "Rightmove", "property", ("/property-for-sale", "/house-prices"), adverts=True),
    Site("www.zoopla.co.uk", "Zoopla", "property", ("/for-sale", "/to-rent"), adverts=True),
    Site("www.onthemarket.com", "OnTheMarket", "property", ("/for-sale",)),
    Site("www.facebook.com", "Facebook", "social", ("/groups", "/marketplace"), polls=True),
    Site("www.instagram.com", "Instagram", "social", ("/explore",), polls=True),
    Site("www.youtube.com", "YouTube", "streaming", ("/watch?v=standin01", "/watch?v=standin02"), adverts=True),
    Site("www.netflix.com", "Netflix", "streaming", ("/browse",)),
    Site("www.skysports.com", "Sky Sports", "sport", ("/football", "/cricket"), adverts=True, polls=True),
    Site("www.booking.com", "Booking.com", "travel", ("/searchresults", "/deals"), adverts=True),
    Site("www.ryanair.com", "Ryanair", "travel", ("/gb/en/cheap-flights",)),
    Site("www.indeed.co.uk", "Indeed", "jobs", ("/jobs", "/career-advice")),
    Site("mail.google.com", "Gmail", "webmail", ("/mail/u/0/",), polls=True),
    Site("mail.yahoo.com", "Yahoo Mail", "webmail", ("/d/folders/1",), adverts=True),
    # -- what no school computer is for
    Site("www.bet365.com", "bet365", "gambling", ("/sports", "/casino"), polls=True),
    Site("www.paddypower.com", "Paddy Power", "gambling", ("/football",), adverts=True),
    # -- never decrypted: banking is noted without content, the shield's sites leave nothing but a count
    Site("www.barclays.co.uk", "Barclays", "banking"),
    Site("www.nhs.uk", "NHS", "shield", ("/conditions",)),
    Site("www.samaritans.org", "Samaritans", "shield", ("/how-we-can-help",)),
    Site("neu.org.uk", "National Education Union", "shield"),
    Site("village-hall.example", "Village Hall", "unknown", ("/bookings",)),
)

BY_HOST: Final = {site.host: site for site in CATALOGUE}
SHORT_LINKS: Final = {
    ("bit.ly", "/lesson-plan"): "https://www.tes.com/teaching-resources",
    ("bit.ly", "/half-price"): "https://www.amazon.co.uk/deals",
}
"""Where the shortener leads, by host and path."""
BARE_DOMAINS: Final = {site.host.removeprefix("www."): site.host for site in CATALOGUE if site.host.startswith("www.")}
"""Bare domains lead to their www name."""

_CDN_SCRIPT: Final = "https://cdn.jsdelivr.net/npm/menu@2/menu.js"
_FONTS: Final = "https://fonts.googleapis.com/css2.css"
_ANALYTICS: Final = "https://www.google-analytics.com/analytics.js"
_ADVERT_SCRIPT: Final = "https://securepubads.g.doubleclick.net/tag/js/gpt.js"
_ADVERT_FRAME: Final = "https://googleads.g.doubleclick.net/pagead/frame.html"
_ADVERT_PICTURE: Final = "https://tpc.googlesyndication.com/simgad/banner.svg"
_SOCIAL_FRAME: Final = "https://www.facebook.com/plugins/page.html"
_SOCIAL_PICTURE: Final = "https://static.xx.fbcdn.net/rsrc/like.svg"
_FRAME_PARTS: Final = {
    _ADVERT_FRAME: (Part(_ADVERT_PICTURE, Dest.IMAGE),),
    _SOCIAL_FRAME: (Part(_SOCIAL_PICTURE, Dest.IMAGE),),
}
"""The boxes that stand inside other sites' pages."""


def in_topic(topic: str) -> tuple[Site, ...]:
    """The catalogue's sites about `topic`."""
    return tuple(site for site in CATALOGUE if site.topic == topic)


def parts(url: str) -> tuple[Part, ...]:
    """What the page at `url` pulls in, in the order a browser would meet it."""
    if url in _FRAME_PARTS:
        return _FRAME_PARTS[url]
    split = urlsplit(url)
    site = BY_HOST.get(split.hostname or "")
    own = f"{split.scheme}://{split.hostname}"
    if site is None or site.host in PLAIN_HOSTS or site.topic in ("shield", "banking"):
        return _own_parts(own)
    return _own_parts(own) + _third_parties(site)


def is_box(url: str) -> bool:
    """Whether `url` is a box made to stand inside other sites' pages."""
    return url in _FRAME_PARTS


def polled(url: str) -> str | None:
    """The address the page at `url` asks every few seconds, where it does."""
    split = urlsplit(url)
    site = BY_HOST.get(split.hostname or "") if not is_box(url) else None
    return f"{split.scheme}://{split.hostname}{POLL_PATH}" if site is not None and site.polls else None


def _own_parts(own: str) -> tuple[Part, ...]:
    return (
        Part(f"{own}/assets/site.css", Dest.STYLE),
        Part(f"{own}/assets/site.js", Dest.SCRIPT),
        Part(f"{own}/assets/logo.svg", Dest.IMAGE),
    )


def _third_parties(site: Site) -> tuple[Part, ...]:
    found = [Part(_FONTS, Dest.STYLE), Part(_CDN_SCRIPT, Dest.SCRIPT), Part(_ANALYTICS, Dest.SCRIPT)]
    if site.adverts:
        found += [Part(_ADVERT_SCRIPT, Dest.SCRIPT), Part(_ADVERT_FRAME, Dest.FRAME)]
    if site.social_box:
        found.append(Part(_SOCIAL_FRAME, Dest.FRAME))
    return tuple(found)
