"""The address of a named upstream proxy, as it is written in the settings.

Owns the reading of it. Promises: what comes back is a host in normal form and a port; anything that would be quietly
ignored (a path, a password, another scheme) is refused with what is allowed.
"""

from typing import Final
from urllib.parse import urlsplit

from config.host_name import normal_host

ALLOWED: Final = "http://host:port, such as http://filter.school:3128, without a path, name or password"


def proxy_address(text: str) -> tuple[str, int]:
    """Host and port of the proxy written as `text`.

    Raises:
        ValueError: it is not written as is allowed; the message says what is.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as fault:
        raise ValueError(ALLOWED) from fault
    host = normal_host(parts.hostname or "")
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme != "http" or host is None or not port or more:
        raise ValueError(ALLOWED)
    return host, port
