"""What may be permitted: categories of the school's policy that are private, and sites.

Owns the reading of both as people write them. Promises: a site is stored as it is matched, however it was typed (an
address copied from a browser, capitals, a port, "www.", an IDN); nothing is stored that could never match, or that
would permit more than its writer meant; what is inappropriate or unlawful cannot be permitted, and what needs no
permission is said to need none. Every refusal is a sentence that says what is allowed.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from analytics.categorise import Judge
from analytics.event import Purpose
from analytics.judging import AddressFault, read_address
from analytics.site_index import folded_path
from config.errors import FairgateError
from config.host_name import is_address, is_public_suffix
from config.policy import Policy

LONGEST_SITE: Final = 300
_NEVER: Final = (Purpose.INAPPROPRIATE, Purpose.UNLAWFUL)
_JUDGES: Final[dict[str, Judge]] = {}
"""By the policy's version; one at a time."""
_ALLOWED: Final = "Write a site such as rightmove.co.uk, or a part of one such as bbc.co.uk/sport."


def read_categories(policy: Policy, keys: Iterable[str]) -> tuple[str, ...]:
    """The keys, in order and each once.

    Raises:
        FairgateError: one is unknown, can never be permitted, or needs no permission.
    """
    found = sorted(set(keys))
    for key in found:
        _check_category(policy, key)
    return tuple(found)


def read_sites(policy: Policy, written: Iterable[str]) -> tuple[str, ...]:
    """The sites as they are matched, in order and each once: a host, or a host and the beginning of its paths.

    Raises:
        FairgateError: one cannot be read, would permit too much, can never be permitted, or needs no permission.
    """
    named = [each for each in written if each.strip()]
    return tuple(sorted({_read_site(_judge(policy), each) for each in named}))


def matched_site(stored: str) -> str:
    """A site as matched, from one stored before sites were read; as it stands where it cannot be read."""
    try:
        host, path = _parts(stored)
    except AddressFault:
        return stored
    return host + path


def permissible(policy: Policy) -> dict[str, str]:
    """Key and title of every category that can be permitted, by title."""
    private = (each for each in policy.categories.values() if each.purpose == Purpose.PRIVATE)
    return {each.key: each.title for each in sorted(private, key=lambda each: each.title.casefold())}


def _judge(policy: Policy) -> Judge:
    """The policy's judge, made once: it costs a tenth of a second."""
    known = _JUDGES.get(policy.version)
    if known is None:
        known = Judge(policy)
        _JUDGES.clear()
        _JUDGES[policy.version] = known
    return known


def _check_category(policy: Policy, key: str) -> None:
    if any(area.key == key for area in policy.shield):
        raise FairgateError(f"{key!r} is a protected part of life. It is never recorded and needs no permission.")
    category = policy.categories.get(key)
    if category is None:
        near = get_close_matches(key, policy.categories, n=3, cutoff=0.5)
        known = f" Did you mean {' or '.join(near)}?" if near else " The school's policy files name them."
        raise FairgateError(f"There is no category {key!r} in the school's policy.{known}")
    if category.purpose in _NEVER:
        raise FairgateError(
            f"{category.title} cannot be permitted: the school's policy calls it {category.purpose}, and a permission "
            "is for private use only. If it is needed for work, the policy must say so."
        )
    if category.purpose != Purpose.PRIVATE:
        raise FairgateError(f"{category.title} needs no permission: it is never counted against anyone.")


def _read_site(judge: Judge, written: str) -> str:
    if len(written) > LONGEST_SITE:
        raise FairgateError(f"A site has at most {LONGEST_SITE} characters. {_ALLOWED}")
    try:
        host, path = _parts(written)
    except AddressFault as fault:
        raise FairgateError(f"{written.strip()!r} cannot be read as a site: {fault}. {_ALLOWED}") from fault
    _check_reach(host)
    if judge.shield_area(host, path or "/") is not None:
        raise FairgateError(f"{host} is protected: it is never recorded, so it needs no permission.")
    verdict = judge.judge(host, path or "/")
    if verdict.purpose in _NEVER:
        raise FairgateError(
            f"{host}{path} cannot be permitted: the school's policy calls it {verdict.purpose}, and a permission is "
            "for private use only. If it is needed for work, the policy must say so."
        )
    return host + path


def _parts(written: str) -> tuple[str, str]:
    """Host and path, the path "" for the whole site; a site's own front door ("www.") is the site."""
    address = read_address(written.strip().removeprefix("*."))
    shorter = address.host.removeprefix("www.")
    host = shorter if "." in shorter and not is_public_suffix(shorter) else address.host
    path = folded_path(address.path).rstrip("/")
    if not path.isprintable():
        raise AddressFault("its path holds a character that cannot be printed")
    return host, path


def _check_reach(host: str) -> None:
    if is_address(host):
        return
    if "." not in host or is_public_suffix(host):
        raise FairgateError(f"{host!r} is not one site: everything that ends in it would be permitted. {_ALLOWED}")
