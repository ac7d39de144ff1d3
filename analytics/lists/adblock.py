"""Adblock-style lists, as far as they say something about whole domains.

Owns the reading of "||domain^" and "@@||domain^". Promises: a rule that only holds for some requests (scripts, third
parties, certain pages) is not taken for a word on the domain, but counted; an exception is honoured, for the domain
it names and all below it.
"""

import re
from collections.abc import Iterator
from typing import Final

from analytics.lists.faults import Faults
from analytics.lists.lines import ByteLines, text_lines
from analytics.lists.name import NameFault, read_name
from analytics.lists.plain import Rule

EXCEPTED: Final = "@@"
"""Stands for a category: the list says nothing of this name, nor of what is below it."""

_RULE = re.compile(r"(@@)?\|\|([^/^|$*]+)\^?\|?(?:\$(.*))?").fullmatch
_WHOLE: Final = frozenset(("important", "all", "document", "doc", "popup", ""))
"""Options that leave a rule a word on the whole domain."""
_COSMETIC: Final = ("##", "#@#", "#?#", "#$#", "#%#")


def read_adblock(stream: ByteLines, file: str, own: str, faults: Faults) -> Iterator[Rule]:
    """The rules about whole domains; everything is of category `own`."""
    for number, text in text_lines(stream, file, faults):
        if text.startswith("!") or (text.startswith("[") and text.endswith("]")):
            continue
        rule = _RULE(text)
        if rule is None or any(mark in text for mark in _COSMETIC):
            faults.leave_out("rules that are not about a whole domain")
        elif not _about_the_domain(rule[3] or "", exception=bool(rule[1])):
            faults.leave_out("rules for some requests only")
        else:
            try:
                yield (EXCEPTED if rule[1] else own), read_name(rule[2])
            except NameFault as fault:
                faults.add(file, number, text, str(fault))


def _about_the_domain(options: str, *, exception: bool) -> bool:
    # An exception only for some requests still says that the list is not sure of the domain: that is in its favour.
    return exception or all(option.strip().lower() in _WHOLE for option in options.split(","))
