"""Site patterns as a person writes them: "bbc.co.uk/sport", "*.gov.uk", "192.0.2.1".

Owns their reading. Promises: a pattern that could cover more than its writer meant is refused with what to write.
"""

from config.host_name import is_address, is_public_suffix, normal_host
from config.policy_model import SiteRule

_FORBIDDEN = "?#@\\ "


class PatternFault(ValueError):
    """The pattern cannot be used; the text says what is allowed."""


def read_pattern(pattern: str, category: str, list_key: str) -> SiteRule:
    """The rule that `pattern` states for `category`.

    Raises:
        PatternFault: what is allowed instead.
    """
    written = pattern.strip().lower()
    if "://" in written or any(character in written for character in _FORBIDDEN):
        raise PatternFault("a host and perhaps a path, such as bbc.co.uk/sport, without https:// and ?")
    name, slash, rest = written.removeprefix("*.").partition("/")
    host = normal_host(name)
    if host is None or ":" in name.partition("]")[2] or (is_address(host) and written.startswith("*.")):
        raise PatternFault("a host name such as bbc.co.uk, an IP address, or *.gov.uk")
    _check_reach(host, wide=written.startswith("*."))
    path = f"/{rest}".rstrip("/") if slash else ""
    shown = f"{'*.' if written.startswith('*.') else ''}{host}{path}"
    return SiteRule(pattern=shown, host=host, path=path, category=category, list_key=list_key)


def _check_reach(host: str, *, wide: bool) -> None:
    if is_address(host) or "." not in host:
        return
    if is_public_suffix(host) and not wide:
        raise PatternFault(f"*.{host} for everything under this public suffix, or a host such as www.{host}")
