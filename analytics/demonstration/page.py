"""What the stand-in sites answer: small, valid pages that look decent in a browser and say that they are stand-ins.

Owns the HTML, style and script. Promises: every page says plainly that nothing on it comes from the real site; what
it pulls in is exactly `sites.parts`; nothing of a request but its own path, escaped, is echoed.
"""

from html import escape
from urllib.parse import parse_qs, urlsplit

from analytics.demonstration.sites import (
    BY_HOST,
    CATALOGUE,
    DOWNLOAD_PATH,
    FORM_PATH,
    MISSING_PATH,
    SLOW_PATH,
    Dest,
    Part,
    Site,
    is_box,
    parts,
    polled,
)

NOTICE = "This is a stand-in for demonstration; nothing here comes from the real site."

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1d2733;background:#f5f6f8}
header{background:#24405f;color:#fff;padding:1rem 2rem;display:flex;gap:1rem;align-items:center}
header img{width:40px;height:40px}
main{max-width:46rem;margin:2rem auto;padding:1.5rem 2rem;background:#fff;border-radius:8px;box-shadow:0 1px 4px #0002}
.notice{background:#fff3cd;color:#4d3b00;padding:.6rem 2rem;margin:0}
nav a,li a{color:#0b57a4}nav{display:flex;flex-wrap:wrap;gap:1rem}
main ul{columns:3}aside{max-width:50rem;margin:0 auto}
iframe{border:1px solid #ccd;border-radius:6px;width:100%;height:90px;margin:1rem 0}
"""

SCRIPT = """
const poll = document.body.dataset.poll;
if (poll) setInterval(() => fetch(poll).catch(() => {}), 5000);
"""

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" role="img" aria-label="stand-in">'
    '<rect width="40" height="40" rx="9" fill="#7fb069"/>'
    '<path d="M12 28V12h16v4H17v3h9v4h-9v5z" fill="#fff"/></svg>'
)


def page_html(url: str) -> str:
    """The page at `url`, complete."""
    split = urlsplit(url)
    host = split.hostname or ""
    site = BY_HOST.get(host, Site(host, host, "unknown"))
    if is_box(url):
        return _document(site.name, f"<p>{escape(site.name)}: a box inside another page.</p>", url)
    return _document(site.name, _body(site, url), url)


def _document(title: str, body: str, url: str) -> str:
    poll = polled(url)
    attribute = f' data-poll="{escape(poll)}"' if poll else ""
    return (
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)} (stand-in)</title>\n'
        f'<meta name="viewport" content="width=device-width">\n{_head(parts(url))}</head>\n'
        f'<body{attribute}><p class="notice">{NOTICE}</p>\n{body}\n<aside>\n{_tail(parts(url))}</aside></body></html>\n'
    )


def _head(pulled: tuple[Part, ...]) -> str:
    return "".join(f'<link rel="stylesheet" href="{escape(part.url)}">\n' for part in pulled if part.dest is Dest.STYLE)


def _tail(pulled: tuple[Part, ...]) -> str:
    """The parts that stand at the end; the site's own logo stands in its header."""
    written = {
        Dest.FRAME: '<iframe src="{}" title="A box from another site"></iframe>\n',
        Dest.SCRIPT: '<script src="{}"></script>\n',
        Dest.IMAGE: '<img src="{}" alt="" width="40" height="40">\n',
    }
    return "".join(
        written[part.dest].format(escape(part.url))
        for part in pulled
        if part.dest in written and not part.url.endswith("/assets/logo.svg")
    )


def _body(site: Site, url: str) -> str:
    split = urlsplit(url)
    phrase = parse_qs(split.query).get("q", [""])[0]
    heading = f"Results for “{phrase}”" if phrase else _heading(site, split.path)
    return (
        f'<header><img src="{escape(_logo(url))}" alt=""><strong>{escape(site.name)}</strong></header>\n'
        f"<main><h1>{escape(heading)}</h1>\n<nav>{_links(site)}</nav>\n{_paragraphs(site)}\n"
        f"<h2>Elsewhere</h2><ul>{_elsewhere(site)}</ul>\n{_form()}</main>"
    )


def _logo(url: str) -> str:
    return next(part.url for part in parts(url) if part.url.endswith("/assets/logo.svg"))


def _heading(site: Site, path: str) -> str:
    words = path.strip("/").replace("/", ", ").replace("-", " ")
    return words.capitalize() or f"Welcome to {site.name}"


def _links(site: Site) -> str:
    paths = ("/", *site.pages, DOWNLOAD_PATH, SLOW_PATH, MISSING_PATH)
    return " ".join(f'<a href="{escape(path)}">{escape(_heading(site, path.partition("?")[0]))}</a>' for path in paths)


def _paragraphs(site: Site) -> str:
    return (
        f"<p>{escape(site.name)} would show its {escape(site.topic)} pages here. "
        "The links above and below work, so that a person, or a test, can browse as they would on the real web.</p>"
    )


def _elsewhere(site: Site) -> str:
    others = [other for other in CATALOGUE if other.host != site.host and other.topic != "shield"]
    return "".join(f'<li><a href="{escape(other.home)}">{escape(other.name)}</a></li>' for other in others)


def _form() -> str:
    return (
        f'<form method="post" action="{FORM_PATH}"><label>Message <input name="message" value="Hello"></label> '
        "<button>Send</button></form>"
    )
