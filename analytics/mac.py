"""Hardware addresses in their one plain form.

Owns the spellings: colons, hyphens, dots or none, in any case, and a wireless network's name after it as access points
add it. Promises: what is no single device's address (zero, broadcast, a group's) is none.
"""

import re
from typing import Final

_SPELLINGS: Final = re.compile(
    r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|(?:[0-9a-f]{2}-){5}[0-9a-f]{2}|(?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}|[0-9a-f]{12}"
)


def plain_mac(text: str) -> str:
    """Like "02:00:5e:10:00:01"; "" where `text` is not a hardware address of one device."""
    found = _SPELLINGS.match(text.strip().lower())
    if found is None or text.strip()[found.end() :][:1] not in ("", ":"):
        return ""
    digits = re.sub("[^0-9a-f]", "", found[0])
    if digits == "0" * 12 or int(digits[1], 16) & 1:
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
