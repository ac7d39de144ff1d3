"""What was seen of one exchange, as far as it tells how the exchange came about.

Owns those fields and what can be read off them alone. Promises: pure and total, whatever the client sent.
"""

from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from config.host_name import normal_host


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was seen of one exchange. Header values as sent, "" where absent; times are UTC milliseconds."""

    ts_ms: int = 0
    method: str = "GET"
    scheme: str = "https"
    host: str = ""
    path: str = "/"
    """With the query, as it was asked for."""
    status: int = 0
    sec_fetch_dest: str = ""
    sec_fetch_mode: str = ""
    sec_fetch_site: str = ""
    sec_fetch_user: str = ""
    sec_purpose: str = ""
    purpose_header: str = ""
    """Purpose, X-Purpose or X-Moz: how older browsers mark a prefetch."""
    accept: str = ""
    referer: str = ""
    origin: str = ""
    upgrade: str = ""
    upgrade_insecure_requests: str = ""
    cache_control: str = ""
    """Of the request: browsers ask past their store when a page is loaded again."""
    preflight_method: str = ""
    """Access-Control-Request-Method."""
    requested_with: str = ""
    """X-Requested-With."""
    user_agent: str = ""
    content_type: str = ""
    """Of the answer."""
    location: str = ""
    """Of the answer."""
    page: str = field(init=False, default="")
    """Host of the page that asked, as the browser states it; "" where it does not."""

    @property
    def forwards(self) -> bool:
        """Whether the answer only leads on to another address."""
        return 300 <= self.status < 400 and self.status != 304

    def __post_init__(self) -> None:
        # Read once: every clue asks for it, and reading an address costs more than all the rest.
        object.__setattr__(self, "page", _host_of(self.referer) or _host_of(self.origin))

    def asks_for_itself(self) -> bool:
        """Whether a page asked for its own address, query and all."""
        try:
            asking = urlsplit(self.referer)
        except ValueError:
            return False
        query = f"?{asking.query}" if asking.query else ""
        return self.page == self.host and f"{asking.path or '/'}{query}" == self.path

    def target(self) -> tuple[str, str]:
        """Host, and path with query, that the answer's Location leads to; "" and "" where it leads nowhere."""
        try:
            # Browsers read a backslash as a slash.
            address = urlsplit(urljoin(f"{self.scheme}://{self.host}{self.path}", self.location.replace("\\", "/")))
            path = address.path or "/"
            return normal_host(address.hostname or "") or "", f"{path}?{address.query}" if address.query else path
        except ValueError:
            return "", ""


def _host_of(url: str) -> str:
    if not url or url == "null":
        return ""
    try:
        return normal_host(urlsplit(url).hostname or "") or ""
    except ValueError:
        return ""
