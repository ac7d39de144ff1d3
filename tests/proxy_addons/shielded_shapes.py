"""The shapes that browsing takes, shielded and ordinary: one function each, varied by a number.

Whatever is shielded is marked (a label of the host, a step of the path, a word of the search) with a canary, a word
that occurs nowhere else, so that a scan for the canaries decides.
"""

from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote

from mitmproxy.connection import Server
from mitmproxy.tcp import TCPFlow

from tests.proxy_addons.pipeline import OPENED, PULLED_IN, answer, request, shipped
from tests.proxy_addons.shielded_browsing import ADDRESSES, CLICKED, FRAMED, SCRIPTED, Act, Browsing

# -- what is shielded


def _rules() -> tuple[list[str], list[tuple[str, str]], list[str], list[str]]:
    policy, judge = shipped()
    rules = [rule for area in policy.shield for rule in area.sites]
    whole = [rule.host for rule in rules if not rule.path]
    paths = [(rule.host, rule.path) for rule in rules if rule.path]
    engines = [rule.host for rule in policy.sites if judge.judge(rule.host).keep == "phrase" and not rule.path]
    return whole, paths, sorted(set(engines)), [phrase for area in policy.shield for phrase in area.phrases]


WHOLE, PATHS, ENGINES, PHRASES = _rules()
_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    str.upper,
    str.title,
    lambda host: f"{host}.",
    lambda host: f"{host}:443",
    lambda host: f"{host.upper()}.:8443",
    lambda host: host.replace("o", "ｏ", 1),
    lambda host: host.replace(".", "。", 1),
)
_PATH_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    str.upper,
    lambda path: f"/.{path}",
    lambda path: f"/x/..{path}",
    lambda path: path.replace("/", "//"),
    lambda path: f"/%{ord(path[1]):02x}{path[2:]}",
)
_PHRASE_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    str.upper,
    lambda phrase: phrase.replace(" ", "   "),
    lambda phrase: phrase.replace(" ", "-"),
    lambda phrase: f"“{phrase}”, ",
    lambda phrase: "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in phrase),
)


def site(browsing: Browsing, act: Act) -> str:
    """A host below a shielded one, with a canary as its label."""
    return f"{browsing.canary()}.{WHOLE[act.vary % len(WHOLE)]}"


def spelt(host: str, act: Act) -> str:
    return _SPELLINGS[act.vary % len(_SPELLINGS)](host)


def search(browsing: Browsing, act: Act) -> str:
    """The address of a shielded search: a phrase, one typed before another, or a shielded address."""
    engine, canary = ENGINES[act.vary % len(ENGINES)], browsing.canary()
    phrase = _PHRASE_SPELLINGS[act.vary % len(_PHRASE_SPELLINGS)](PHRASES[act.vary % len(PHRASES)])
    match act.vary % 3:
        case 0:
            return f"https://{engine}/search?hl=en&q={quote(f'{phrase} {canary}')}"
        case 1:
            return f"https://{engine}/search?q={canary}&oq={quote(phrase)}"
        case _:
            host = WHOLE[act.vary % len(WHOLE)]
            return f"https://{engine}/search?q={quote(f'find {spelt(host, act)}/{canary}')}"


def section(browsing: Browsing, act: Act) -> str:
    """The address of a shielded part of a site that is not shielded as a whole."""
    host, path = PATHS[act.vary % len(PATHS)]
    spelling = _PATH_SPELLINGS[act.vary % len(_PATH_SPELLINGS)]
    return f"https://{host}{spelling(path)}/{browsing.canary()}?x={browsing.canary()}"


def hidden_page(browsing: Browsing, act: Act) -> str:
    """Open a shielded page of a site that is not shielded as a whole; its address."""
    url = search(browsing, act) if act.vary % 2 else section(browsing, act)
    if browsing.shielded():
        browsing.ask(act, url, OPENED)
    return url


# -- the shapes of shielded browsing


def tls(browsing: Browsing, act: Act) -> None:
    host, plain = site(browsing, act), ("www.amazon.co.uk", 443)
    told: tuple[tuple[str | None, tuple[str, int]], ...] = (
        (host, (host, 443)),
        (host.upper() + ".", plain),
        ("www.amazon.co.uk", (host, 443)),
        (None, (host, 443)),
        (host, ("192.0.2.7", 443)),
    )
    sni, asked = told[act.vary % len(told)]
    if browsing.shielded():
        assert browsing.greet(act, sni, asked, "transparent" if asked[0] == "192.0.2.7" else "regular")


def plain_http(browsing: Browsing, act: Act) -> None:
    host = site(browsing, act)
    answers = ("page", None, answer(302, Location=f"http://{host}/{browsing.canary()}"), answer(503))
    names = ({"host": spelt(host, act)}, {"host": "www.amazon.co.uk"})[act.vary % 5 == 0]
    if browsing.shielded():
        browsing.ask(act, f"http://{host}/{browsing.canary()}", OPENED, answers[act.vary % 4], **names)


def named_otherwise(browsing: Browsing, act: Act) -> None:
    """Names that contradict each other: of two, either may shield."""
    host, other = site(browsing, act), f"{browsing.canary()}.plain.example"
    names = (
        {"authority": spelt(host, act)},
        {"host": spelt(host, act)},
        {"sni": host, "host": other},
        {"sni": host, "authority": other},
    )
    if browsing.shielded():
        browsing.ask(act, f"https://{other}/", OPENED, **names[act.vary % 4])


def unreached(browsing: Browsing, act: Act) -> None:
    host = site(browsing, act)
    flow = request(f"http://{host}/", method="CONNECT", client=browsing.client(act), at=browsing.now / 1000)
    flow.request.host, flow.request.port, flow.response = spelt(host, act).partition(":")[0], 443, answer(502)
    if browsing.shielded():
        browsing.call("http_connect_error", flow)


def raw(browsing: Browsing, act: Act) -> None:
    host = site(browsing, act)
    sni, asked = ((None, host), (host, "192.0.2.7"), ("www.amazon.co.uk", host))[act.vary % 3]
    flow = TCPFlow(browsing.client(act, sni=sni), Server(address=(asked, 25)), live=True)
    if browsing.shielded():
        browsing.call("tcp_start", flow)


def websocket(browsing: Browsing, act: Act) -> None:
    host, upgrade = site(browsing, act), {**SCRIPTED, "Sec-Fetch-Mode": "websocket", "Upgrade": "websocket"}
    if browsing.shielded():
        browsing.ask(act, f"http://{host}/{browsing.canary()}", upgrade, answer(101))
    if browsing.shielded():
        origin = {"Origin": f"https://{host}"}
        browsing.ask(act, f"https://{browsing.canary()}.live.example/", upgrade | origin, answer(101))


def searched(browsing: Browsing, act: Act) -> None:
    url, failing = search(browsing, act), act.vary % 7 == 0
    if browsing.shielded():
        browsing.ask(act, url, OPENED, None if failing else "page")


def read_section(browsing: Browsing, act: Act) -> None:
    url = section(browsing, act)
    if browsing.shielded():
        browsing.ask(act, url, OPENED)


def pulled_in(browsing: Browsing, act: Act) -> None:
    """What a shielded page fetches from other sites, and what its frames fetch in turn."""
    page = f"https://{spelt(site(browsing, act), act)}/{browsing.canary()}"
    origin = page.rpartition("/")[0]
    frame, part = f"{browsing.canary()}.frames.example", f"https://{browsing.canary()}.cdn.example/w.js"
    asking = ({"Referer": page}, {"Origin": origin}, {"Referer": "https://www.tes.com/", "Origin": origin})
    if browsing.shielded():
        browsing.ask(act, part, {**SCRIPTED, **asking[act.vary % 3]}, None if act.vary % 7 == 0 else "page")
    if browsing.shielded():
        browsing.ask(act, f"https://{frame}/", {**FRAMED, "Referer": f"{origin}/"})
    if browsing.shielded():
        browsing.ask(act, f"https://{browsing.canary()}.video.example/v", {**PULLED_IN, "Referer": f"https://{frame}/"})


def pulled_in_without_a_page(browsing: Browsing, act: Act) -> None:
    """A shielded page that tells other sites nothing of itself."""
    host = site(browsing, act)
    if browsing.shielded():
        assert browsing.greet(act, host, (host, 443))
    browsing.now += 3_000
    if browsing.shielded():
        browsing.ask(act, f"https://{browsing.canary()}.fonts.example/f.woff", PULLED_IN)


def pulled_in_by_a_hidden_page(browsing: Browsing, act: Act) -> None:
    """Browsers tell other sites the page's host alone."""
    host = hidden_page(browsing, act).split("/")[2]
    browsing.now += 20_000
    if browsing.shielded():
        browsing.ask(act, f"https://{browsing.canary()}.ads.example/", {**PULLED_IN, "Referer": f"https://{host}/"})


def led_there(browsing: Browsing, act: Act) -> None:
    """An ordinary site forwards to a shielded one; that, in turn, to an ordinary one, which was asked for."""
    host, back = site(browsing, act), browsing.ordinary()
    targets = (
        f"https://{host}/{browsing.canary()}",
        f"//{host.upper()}:443/{browsing.canary()}",
        f"https:\\\\{host}\\x",
        search(browsing, act),
        section(browsing, act),
    )
    leading = answer((301, 302, 303, 307, 308)[act.vary % 5], Location=targets[act.vary % 5])
    if browsing.shielded():
        browsing.ask(act, f"https://{browsing.canary()}.short.example/", OPENED, leading)
    if browsing.shielded():
        landed = targets[act.vary % 5] if act.vary % 5 > 2 else f"http://{host}/"
        browsing.ask(act, landed, OPENED, answer(302, Location=f"https://{back}/"))
    browsing.ask(act, f"https://{back}/", OPENED)


def inside_a_kept_path(browsing: Browsing, act: Act) -> None:
    """Of a kind of site whose paths are kept, the visit is recorded, and the path is not."""
    browsing.expected.append("www.bet365.com")
    canary, host = browsing.canary(), site(browsing, act)
    phrase = PHRASES[act.vary % len(PHRASES)].replace(" ", "-").replace("'", "%27")
    within = (f"/{phrase}/{canary}", f"/go/https://{host}/{canary}", f"/go/https%253A%252F%252F{host}")[act.vary % 3]
    browsing.ask(act, "https://www.bet365.com/" if browsing.bare else f"https://www.bet365.com{within}", OPENED)


# -- what is recorded


def followed_a_link(browsing: Browsing, act: Act) -> None:
    """A click on a shielded page leads to an ordinary one: recorded as if its address had been typed."""
    if act.vary % 3:
        origin = f"https://{hidden_page(browsing, act).split('/')[2]}/"
        asking = {"Referer": origin}
    else:
        host = site(browsing, act)
        asking = {"Referer": f"https://{host}/{browsing.canary()}", "Origin": f"https://{host}"}
    browsing.now += 1_000
    url = f"https://{browsing.ordinary()}/"
    browsing.ask(act, url, OPENED if browsing.bare else {**CLICKED, **asking})


def read_an_ordinary_page(browsing: Browsing, act: Act) -> None:
    scheme = ("https", "http")[act.vary % 2]
    host = browsing.ordinary()
    browsing.ask(act, f"{scheme}://{host}/", OPENED)
    browsing.ask(act, f"https://cdn.{browsing.ordinary()}/w.js", {**PULLED_IN, "Referer": f"{scheme}://{host}/"})


def banked(browsing: Browsing, act: Act) -> None:
    browsing.expected.append("www.barclays.co.uk")
    assert browsing.greet(act, "www.barclays.co.uk", ("www.barclays.co.uk", 443))


def followed_an_ordinary_redirect(browsing: Browsing, act: Act) -> None:
    first, second = browsing.ordinary(), browsing.ordinary()
    browsing.ask(act, f"https://{first}/", OPENED, answer(302, Location=f"https://{second}/"))
    browsing.ask(act, f"https://{second}/", OPENED, None if act.vary % 5 == 0 else "page")


_SHIELDED: Final = (
    *(tls, plain_http, named_otherwise, unreached, raw, websocket, searched, read_section, pulled_in),
    *(pulled_in_without_a_page, pulled_in_by_a_hidden_page),
)
_RECORDED: Final = (
    *(led_there, inside_a_kept_path, followed_a_link, read_an_ordinary_page, banked),
    *(followed_an_ordinary_redirect, read_an_ordinary_page),
)
SHAPES: Final = (*_SHIELDED, *_RECORDED)


def acts_of(numbers: list[tuple[int, int, int, int]]) -> Iterator[Act]:
    """Acts made of numbers; whoever only ever asked for shielded things never does anything else."""
    for shape, who, after_ms, vary in numbers:
        done = SHAPES[shape % len(SHAPES)]
        yield Act(done, who % (len(ADDRESSES) - (done in _RECORDED)), after_ms, vary)
