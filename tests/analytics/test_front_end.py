"""Where front-ends carry the address of another site's page."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.front_end import DEEPEST, Page, carried_page, carried_pages, hosts_shown, is_front_end
from analytics.judging import read_address
from config.host_name import normal_host

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(lambda label: label[2:4] != "--")
HOSTS = st.lists(LABELS, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "uk"]))
FRONT_ENDS = st.sampled_from(
    ["translate.google.com", "web.archive.org", "www-nhs-uk.translate.goog", "www.google.com", "archive.ph", "bing.com"]
)


def carried(url: str) -> list[str]:
    address = read_address(url)
    pages = carried_pages(address.host, address.path, address.query)
    return [f"{page.host}{page.path}{'?' if page.query else ''}{page.query}" for page in pages]


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://translate.google.com/translate?sl=fr&u=https://www.nhs.uk/x%3Fa%3D1", "www.nhs.uk/x?a=1"),
        ("https://translate.google.co.uk/translate?u=www.nhs.uk", "www.nhs.uk/"),
        ("https://translate.googleusercontent.com/translate_c?u=http://nhs.uk/&usg=1", "nhs.uk/"),
        ("https://www-bbc-co-uk.translate.goog/sport", "www.bbc.co.uk/sport"),
        ("https://a--b-example.translate.goog/", "a-b.example/"),
        ("https://1-cn--sec-com.translate.goog/x?_x_tr_enc=1", "cn-sec.com/x?_x_tr_enc=1"),
        ("https://0-mnchen--3ya-de.translate.goog/?_x_tr_enc=0", "xn--mnchen-3ya.de/?_x_tr_enc=0"),
        ("https://gov-uk.translate.goog/?_x_tr_hp=service-", "service.gov.uk/?_x_tr_hp=service-"),
        ("https://www.microsofttranslator.com/bv.aspx?from=en&a=https%3A%2F%2Fnhs.uk%2Fb", "nhs.uk/b"),
        ("https://translate.yandex.com/translate?url=https://nhs.uk/&lang=en-ru", "nhs.uk/"),
        ("https://translated.turbopages.org/proxy_u/en-ru.ru.4f-5/https/nhs.uk/c", "nhs.uk/c"),
        ("https://webcache.googleusercontent.com/search?q=cache:aBc-12_d:nhs.uk/d+asthma&hl=en", "nhs.uk/d"),
        ("https://webcache.googleusercontent.com/search?q=cache:https://nhs.uk/d", "nhs.uk/d"),
        ("https://web.archive.org/web/20240101000000/https://nhs.uk/e?f=1", "nhs.uk/e?f=1"),
        ("https://web.archive.org/web/2024id_/http:/nhs.uk:80/e", "nhs.uk/e"),
        ("https://web.archive.org/web/2022*/nhs.uk/e", "nhs.uk/e"),
        ("https://web.archive.org/web/*/https://nhs.uk", "nhs.uk/"),
        ("https://web.archive.org/save/https://nhs.uk/", "nhs.uk/"),
        ("https://web.archive.org/https%3A%2F%2Fnhs.uk/g", "nhs.uk/g"),
        ("https://archive.today/newest/https://nhs.uk/", "nhs.uk/"),
        ("https://archive.is/20240101/https://nhs.uk/", "nhs.uk/"),
        ("https://archive.ph/o/AbC12/https://nhs.uk/h", "nhs.uk/h"),
        ("https://archive.ph/submit/?url=https://nhs.uk/h", "nhs.uk/h"),
        ("https://www.google.co.uk/amp/s/www.nhs.uk/i", "www.nhs.uk/i"),
        ("https://www-nhs-uk.cdn.ampproject.org/c/s/www.nhs.uk/j", "www.nhs.uk/j"),
        ("https://www-nhs-uk.cdn.ampproject.org/robots", "www.nhs.uk/robots"),
        ("https://www-nhs-uk.bing-amp.com/c/s/www.nhs.uk/j", "www.nhs.uk/j"),
        ("https://www.google.com/url?sa=t&q=words&url=https%3A%2F%2Fnhs.uk%2F", "nhs.uk/"),
        ("https://www.google.com.au/url?q=https://nhs.uk/k&sa=D", "nhs.uk/k"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fnhs.uk%2Fl&h=AT", "nhs.uk/l"),
        ("https://l.instagram.com/?u=https%3A%2F%2Fnhs.uk%2Fl", "nhs.uk/l"),
        ("https://eur02.safelinks.protection.outlook.com/ap/t-1/?url=https%3A%2F%2Fnhs.uk&data=1", "nhs.uk/"),
        ("https://urldefense.com/v3/__https://nhs.uk/m__;!!Ab!cd$", "nhs.uk/m"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__nhs.uk_m&d=D", "nhs.uk/m"),
        ("https://r.search.yahoo.com/_ylt=A/RU=https%3a%2f%2fnhs.uk%2fn/RK=2/RS=x-", "nhs.uk/n"),
        ("https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9uaHMudWsvbw&ntb=1", "nhs.uk/o"),
        ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Fnhs.uk%2F&rut=1", "nhs.uk/"),
        ("https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Fnhs.uk", "nhs.uk/"),
        ("https://out.reddit.com/t3_a?url=https%3A%2F%2Fnhs.uk", "nhs.uk/"),
        ("https://www.linkedin.com/redir/redirect?url=https%3A%2F%2Fnhs.uk", "nhs.uk/"),
        ("https://12ft.io/https://nhs.uk/p", "nhs.uk/p"),
        ("https://www.google.com/url?q=https://user:pw@nhs.uk:8443/q%23r", "nhs.uk/q"),
        ("https://www.google.com/url?q=https:%5C%5Cnhs.uk%5Cs", "nhs.uk/s"),
    ],
)
def test_the_page_is_read_from_the_address(url: str, page: str) -> None:
    assert carried(url)[-1] == page
    assert is_front_end(read_address(url).host)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google.com/search?q=https://www.nhs.uk/",
        "https://www.google.com/url?q=how+to+draw+a+cat",
        "https://www.google.com/maps/place/nhs.uk",
        "https://translate.google.com/?sl=en&tl=fr&text=nhs.uk",
        "https://web.archive.org/",
        "https://web.archive.org/web/",
        "https://archive.org/details/nhs.uk",
        "https://archive.ph/AbC12",
        "https://webcache.googleusercontent.com/search?q=volcano",
        "https://t.co/AbCdEf",
        "https://bit.ly/nhs.uk",
        "https://www.bing.com/ck/a?u=a1%%%%",
        "https://www.facebook.com/nhs.uk?u=https://www.nhs.uk/",
        "https://l.facebook.com/l.php?u=",
        "https://l.facebook.com/l.php?u=javascript:alert(1)",
        "https://example.com/translate?u=https://www.nhs.uk/",
        "https://notweb.archive.org.example/web/2020/https://www.nhs.uk/",
        "https://translate.goog/",
        "https://a.b-c.translate.goog/",
    ],
)
def test_nothing_is_read_into_an_address_that_names_no_page(url: str) -> None:
    assert carried(url) == []


def test_pages_within_pages_are_followed_no_deeper_than_said() -> None:
    inner = "https://bbc.co.uk/sport"
    for depth in range(1, DEEPEST + 3):
        inner = f"https://web.archive.org/web/2024/{inner}"
        assert len(carried(inner)) == min(depth, DEEPEST)
    assert carried("https://www.google.com/url?q=" + quote("https://web.archive.org/web/2024/http://nhs.uk/a?b=1")) == [
        "web.archive.org/web/2024/http://nhs.uk/a?b=1",
        "nhs.uk/a?b=1",
    ]


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("www-nhs-uk.translate.goog", ("www.nhs.uk",)),
        ("www-nhs-uk.cdn.ampproject.org", ("www.nhs.uk",)),
        ("1-nhs-uk.translate.goog", ("1.nhs.uk", "nhs.uk")),
        ("translate.goog", ()),
        ("a.b.translate.goog", ()),
        ("www.nhs.uk", ()),
        ("www-nhs-uk.example", ()),
    ],
)
def test_a_host_alone_may_name_the_host_it_shows(host: str, shown: tuple[str, ...]) -> None:
    assert tuple(name for name in hosts_shown(host) if not name.startswith("xn--")) == shown


@given(HOSTS)
def test_a_host_written_into_a_name_is_read_back(host: str) -> None:
    coded = host.replace("-", "--").replace(".", "-")
    assert host in hosts_shown(f"{coded}.translate.goog")
    assert carried_page(f"{coded}.translate.goog", "/x", "") == Page(host, "/x", "")


@given(HOSTS, st.from_regex(r"(/[a-z0-9._-]{1,8}){0,3}/?", fullmatch=True))
def test_every_way_of_carrying_an_address_gives_the_same_page(host: str, path: str) -> None:
    url = f"https://{host}{path}"
    in_base64 = base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    ways = [
        ("www.google.com", "/url", f"q={quote(url, safe='')}"),
        ("l.facebook.com", "/l.php", f"u={quote(url, safe='')}"),
        ("web.archive.org", f"/web/20240101000000/{url}", ""),
        ("archive.ph", f"/{url}", ""),
        ("www.bing.com", "/ck/a", f"u=a1{in_base64}"),
        ("www.google.com", f"/amp/s/{host}{path}", ""),
    ]
    assert {carried_page(*way) for way in ways} == {Page(host, path or "/", "")}


@given(FRONT_ENDS | st.text(max_size=60), st.text(max_size=200), st.text(max_size=200))
def test_whatever_is_asked_nothing_raises_and_what_is_found_is_normal(host: str, path: str, query: str) -> None:
    hosts_shown(host)
    for page in carried_pages(host, path, query):
        assert normal_host(page.host) == page.host
        assert page.path.startswith("/")
