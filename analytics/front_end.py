"""Front-ends: addresses that show or lead to another site's page, such as a translation, a cache, an archive or a link
wrapper.

Owns where each front-end carries the other page's address. Promises: `carried_page` is a pure function of the address,
names a page only where the address itself does, and never raises; a short link that hides where it leads carries
nothing; of pages within pages at most `DEEPEST` are looked at.
"""

import base64
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from analytics.site_index import path_under
from config.host_name import normal_host

DEEPEST: Final = 3
_LONGEST: Final = 16_384

_URL = re.compile(r"(?:(?:https?|ftp):)?/*(?:[^/?#]*@)?([^/?#@]+)([^?#]*)(?:\?([^#]*))?.*", re.I | re.S).fullmatch
_ENCODED_URL = re.compile(r"https?%3a", re.I).match
_CACHE = re.compile(r"cache:(?:[\w-]{4,20}:(?!//))?(\S+).*", re.I | re.S).fullmatch
_ANY_GOOGLE = re.compile(r"(?:[a-z0-9-]+\.)*google\.(?:com|[a-z]{2}|com?\.[a-z]{2})").fullmatch


class Page(NamedTuple):
    """The page that a front-end carries: a normal host, a path that begins with "/", a query without its "?"."""

    host: str
    path: str
    query: str


class _InQuery(NamedTuple):
    """The address is a value of the query, for paths under `path`; of `keys` the first that holds one."""

    path: str
    keys: tuple[str, ...]

    def page(self, path: str, query: str) -> Page | None:
        if not query or not path_under(path.lower(), self.path):
            return None
        pairs = _pairs(query)
        values = (value for key in self.keys for name, value in pairs if name.lower() == key)
        return next(filter(None, (_page(_plain(value)) for value in values)), None)


class _InPath(NamedTuple):
    """The address is the end of the path, and the query is its own."""

    before: re.Pattern[str]

    def page(self, path: str, query: str) -> Page | None:
        found = self.before.match(path)
        return _page(unquote(path[found.end() :]), query) if found else None


class _Enclosed(NamedTuple):
    """The address is a part of the path, and the query is not its own."""

    around: re.Pattern[str]

    def page(self, path: str, query: str) -> Page | None:
        found = self.around.search(path)
        return _page(unquote(found[1])) if found else None


type _Reader = _InQuery | _InPath | _Enclosed

_ARCHIVE_TODAY: Final = (
    _InQuery("/submit", ("url",)),
    _InPath(re.compile(r"/(?:(?:newest|oldest|timegate|timemap|[0-9]{4,14}|(?:o|wip)/\w+)/)?", re.I)),
)
_AMP: Final = (_InPath(re.compile(r"/(?:c|v|wp|a|i|r)/(?:s/)?", re.I)),)
_FACEBOOK: Final = (_InQuery("/l.php", ("u",)), _InQuery("/flx/warn", ("u",)))
_OWN_ADDRESS: Final = (_InQuery("", ("u",)),)
_TRANSLATOR: Final = (_InQuery("", ("a",)),)
_WAYBACK: Final = (_InPath(re.compile(r"/(?:save/)?(?:web/)?(?:[0-9*]{1,15}(?:[a-z]{2}_)?/)?", re.I)),)
_YANDEX: Final = (_InQuery("/translate", ("url",)),)
_GOOGLE: Final = (
    _InQuery("/url", ("url", "q")),
    _InQuery("/translate", ("u",)),
    _InQuery("/translate_c", ("u",)),
    _InPath(re.compile(r"/amp/(?:s/)?", re.I)),
)
_FRONT_ENDS: Final[dict[str, tuple[_Reader, ...]]] = {
    # Translations
    "translate.googleusercontent.com": (_InQuery("/translate_c", ("u",)), _InQuery("/translate_p", ("u",))),
    "microsofttranslator.com": _TRANSLATOR,
    "translatetheweb.com": _TRANSLATOR,
    "translate.yandex.com": _YANDEX,
    "translate.yandex.ru": _YANDEX,
    "translated.turbopages.org": (_Enclosed(re.compile(r"/proxy_u/[^/]+/https?/([^?#]+)", re.I)),),
    # Caches and archives
    "webcache.googleusercontent.com": (_InQuery("/search", ("q",)),),
    "web.archive.org": _WAYBACK,
    "wayback.archive.org": _WAYBACK,
    "archive.today": _ARCHIVE_TODAY,
    "archive.ph": _ARCHIVE_TODAY,
    "archive.is": _ARCHIVE_TODAY,
    "archive.li": _ARCHIVE_TODAY,
    "archive.md": _ARCHIVE_TODAY,
    "archive.vn": _ARCHIVE_TODAY,
    "archive.fo": _ARCHIVE_TODAY,
    "cdn.ampproject.org": _AMP,
    "bing-amp.com": _AMP,
    "googleweblight.com": (_InQuery("", ("u", "lite_url")),),
    "12ft.io": (_InQuery("/proxy", ("q",)), _InPath(re.compile("/"))),
    # Link wrappers
    "l.facebook.com": _OWN_ADDRESS,
    "lm.facebook.com": _OWN_ADDRESS,
    "facebook.com": _FACEBOOK,
    "l.instagram.com": _OWN_ADDRESS,
    "l.messenger.com": _OWN_ADDRESS,
    "l.threads.com": _OWN_ADDRESS,
    "l.threads.net": _OWN_ADDRESS,
    "safelinks.protection.outlook.com": (_InQuery("", ("url",)),),
    "statics.teams.cdn.office.net": (_InQuery("/evergreen-assets/safelinks", ("url",)),),
    "urldefense.com": (_Enclosed(re.compile(r"/v3/__(.+?)__(?:;|$)", re.I)),),
    "urldefense.proofpoint.com": (_InQuery("/v2/url", ("u",)),),
    "linkprotect.cudasvc.com": (_InQuery("/url", ("a",)),),
    "youtube.com": (_InQuery("/redirect", ("q",)),),
    "out.reddit.com": (_InQuery("", ("url",)),),
    "duckduckgo.com": (_InQuery("/l", ("uddg",)),),
    "bing.com": (_InQuery("/ck/a", ("u",)),),
    "r.search.yahoo.com": (_Enclosed(re.compile(r"/RU=([^/]+)/", re.I)),),
    "linkedin.com": (_InQuery("/redir/redirect", ("url",)), _InQuery("/safety/go", ("url",))),
    "slack-redir.net": (_InQuery("/link", ("url",)),),
    "steamcommunity.com": (_InQuery("/linkfilter", ("url", "u")),),
    "t.umblr.com": (_InQuery("/redirect", ("z",)),),
    "vk.com": (_InQuery("/away.php", ("to",)),),
}
_NAMED_IN_HOST: Final = (".translate.goog", ".cdn.ampproject.org", ".bing-amp.com")


def is_front_end(host: str) -> bool:
    """Whether addresses of a normal host may carry another site's page."""
    return bool(_readers(host)) or host.endswith(_NAMED_IN_HOST)


def hosts_shown(host: str) -> tuple[str, ...]:
    """The hosts that a normal host may name within itself, as "www-nhs-uk.translate.goog" does; mostly none.

    Enough to decide about decryption, when no path is known yet. Two where the name can be read in two ways.
    """
    coded = _coded_name(host)
    shorter = [coded[2:], f"xn--{coded[2:]}"] if coded.startswith(("0-", "1-")) else []
    hosts = (_host(_decoded_name(name)) for name in [coded, *shorter] if name)
    return tuple(dict.fromkeys(filter(None, hosts)))


def carried_pages(host: str, path: str, query: str) -> list[Page]:
    """The page that an address carries, then what that carries in turn; at most `DEEPEST`, innermost last."""
    pages: list[Page] = []
    page = carried_page(host, path, query)
    while page is not None and len(pages) < DEEPEST:
        pages.append(page)
        page = carried_page(*page)
    return pages


def carried_page(host: str, path: str, query: str) -> Page | None:
    """The page of another site that the address of a front-end shows or leads to; None where it names none."""
    path, query = "/" + path[:_LONGEST].lstrip("/"), query[:_LONGEST]
    read = (reader.page(path, query) for reader in _readers(host))
    return next(filter(None, read), None) or _page_named_in_host(host, path, query)


@lru_cache(maxsize=4096)
def _readers(host: str) -> tuple[_Reader, ...]:
    name = host
    while name:
        if name in _FRONT_ENDS:
            return _FRONT_ENDS[name]
        name = name.partition(".")[2]
    return _GOOGLE if _ANY_GOOGLE(host) else ()


def _page_named_in_host(host: str, path: str, query: str) -> Page | None:
    """Google's rule for *.translate.goog: the query may hold the start of a long host, and how the name is coded."""
    coded = _coded_name(host)
    if not coded:
        return None
    hints = dict(_pairs(query)) if "_x_tr_" in query else {}
    coded = hints.get("_x_tr_hp", "").lower() + coded
    for code in hints.get("_x_tr_enc", "").split(","):
        if code in ("0", "1") and coded.startswith(f"{code}-"):
            coded = f"{'xn--' if code == '0' else ''}{coded[2:]}"
    shown = _host(_decoded_name(coded))
    return Page(shown, path, query) if shown else None


def _coded_name(host: str) -> str:
    suffix = next((suffix for suffix in _NAMED_IN_HOST if host.endswith(suffix)), "")
    name = host.removesuffix(suffix) if suffix else ""
    return "" if "." in name else name


def _decoded_name(coded: str) -> str:
    """ "a--b-example" is "a-b.example"; what begins with "xn--" keeps that."""
    start = "xn--" if coded.startswith("xn--") else ""
    return start + re.sub(r"(?<=\w)-(?=\w)", ".", coded.removeprefix(start)).replace("--", "-")


def _plain(value: str) -> str:
    """The address in a query's value, which some front-ends write in a code of their own."""
    if found := _CACHE(value):
        return found[1]
    if value.startswith("a1aHR0c"):  # Bing's: "a1", and in base64 what begins with "http"
        return _from_base64(value[2:])
    if value.lower().startswith(("http-3a", "https-3a")):
        return unquote(value.replace("-", "%").replace("_", "/"))
    return value


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_").decode("utf-8")
    except ValueError:
        return ""


def _page(text: str, query: str = "") -> Page | None:
    """The page at an address with or without its scheme; `query` is its own where `text` holds none."""
    plain = unquote(text) if _ENCODED_URL(text) else text
    found = _URL(plain.strip().replace("\\", "/"))
    host = _host(found[1]) if found else None
    if found is None or host is None:
        return None
    return Page(host, found[2] or "/", found[3] or query)


def _host(text: str) -> str | None:
    host = normal_host(text)
    return host if host is not None and ("." in host or ":" in host) else None


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    try:
        return parse_qsl(query)
    except ValueError:
        return []
