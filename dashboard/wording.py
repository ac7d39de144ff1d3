"""Stored codes in plain British English. Owns every such sentence on screen; knows no data.

Promises: no addresses, status codes or patterns; a code nobody has words for is shown as itself, never hidden.
"""

from collections.abc import Mapping

HOW_WE_KNOW_WHO: Mapping[str, str] = {
    "register": "the school device assigned to them",
    "radius": "their sign-in to the school network",
    "802.1x": "their sign-in to the school network",
    "proxy": "their sign-in in the browser",
    "portal": "their sign-in on the notice page",
    "hook": "their sign-in to the computer",
    "dhcp": "the device only",
    "neighbour": "the device only",
    "none": "nobody is named",
}
HOW_SURE: Mapping[str, str] = {
    "A": "Sure: they were signed in",
    "B": "Likely: their own device",
    "C": "Unsure: shared device, signs conflict, or their sign-in had ended; not counted",
    "none": "Not known",
}
HOW_CHOSEN: Mapping[str, str] = {
    "sure": "Sure: the browser itself says so",
    "likely": "Likely, by the browser's behaviour",
    "unsure": "Unsure: it may not have been their choice",
}
HOURS: Mapping[str, str] = {
    "contracted": "Contracted hours",
    "break": "Break",
    "outside": "Outside hours",
    "not_stated": "Hours not stated",
}
NOT_OPENED: Mapping[str, str] = {
    "inspected": "",
    "shield": "protected area",
    "banking": "banking, never opened",
    "pinned": "the app does not allow it",
    "not_enrolled": "not a staff device",
    "not_told": "the person was not yet told",
    "no_sni": "the site's name was not visible",
    "opaque": "could not be read",
}
GRAVITY: Mapping[int, str] = {
    0: "none",
    1: "slight",
    2: "moderate",
    3: "serious",
    4: "very serious",
}
PERSON_TYPES: Mapping[str, str] = {
    "teacher": "Teacher",
    "support": "Support staff",
    "supply": "Supply staff",
    "volunteer": "Volunteer",
    "governor": "Governor",
    "contractor": "Contractor",
}
TOLD: Mapping[str, str] = {
    "page": "on the notice page",
    "portal_probe": "on the notice page, which their computer opened",
    "dhcp_portal": "on the notice page, which the network named",
    "portal_sign_in": "on the notice page, after signing in",
    "proxy_sign_in": "on the notice page, after signing in in the browser",
    "dashboard": "on these pages",
    "paper": "signed paper",
    "training_day": "training day",
}
KINDS: Mapping[str, str] = {
    "navigation": "Page chosen",
    "redirect": "Sent on to another page",
    "embedded": "Frame inside the page",
    "subresource": "Picture, style or script",
    "background": "In the background",
}


def words(table: Mapping[str, str], code: object) -> str:
    """The words for `code`, or the code itself, spaced, where there are none."""
    return table.get(str(code), str(code).replace("_", " "))


def count(number: int, one: str, many: str | None = None) -> str:
    """1 visit · 3 visits · no visits"""
    noun = one if number == 1 else (many or f"{one}s")
    return f"{number:,} {noun}" if number else f"no {noun}"


def listed(parts: list[str]) -> str:
    """a · a and b · a, b and c"""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
