"""What a list holds, in the form Fairgate keeps of it: sorted, each name once in a category, as plain text.

Owns that form: a line "[category]", then its names, one a line. Promises: equal content has an equal version, in
whatever order, archive or spelling it was published; only what the policy gives a meaning is kept, the rest counted;
it can be read with any editor.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from analytics.lists.adblock import EXCEPTED, read_adblock
from analytics.lists.faults import Faults
from analytics.lists.plain import Rule, read_csv, read_hosts, read_plain
from analytics.lists.ut1 import Ut1
from config.errors import ConfigError
from config.policy import ImportedList, ListFormat

VERSION_DIGITS: Final = 12
OUR_OWN: Final = "="
"""Before a category: it is one of ours, as the list has none of its own. Alone: the one that lists.toml gives."""

type Content = dict[str, list[str]]
"""Category to its names, both sorted, no name twice in a category."""


def read_content(path: Path, listed: ImportedList, form: ListFormat, category: str, faults: Faults) -> Content:
    """What the file, archive or folder at `path` holds, as far as it has a meaning here.

    `category` is ours, for the formats that have none; "" leaves it to lists.toml. Takes about 1 s for 200,000 names.

    Raises:
        ConfigError: it cannot be read as `form`, or holds nothing that has a meaning.
    """
    known = {entry.own for entry in listed.categories}
    if form == "ut1":
        archive = Ut1(path, faults)
        gathered = _gathered(archive.rules())
        content = _with_meaning(gathered, known, archive.aliases, faults)
    else:
        gathered = _gathered(_rules_of_file(path, form, category, faults))
        content = _with_meaning(gathered, known, {}, faults) if form == "csv" else gathered
    if not any(category != EXCEPTED for category in content):
        raise ConfigError(_nothing(path, form, faults))
    return content


def text_of(content: Content) -> bytes:
    """The kept form."""
    lines = [line for category in sorted(content) for line in (f"[{category}]", *content[category])]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def version_of(text: bytes) -> str:
    """First 12 hex of its SHA-256."""
    return hashlib.sha256(text).hexdigest()[:VERSION_DIGITS]


def kept_rules(path: Path) -> Iterator[Rule]:
    """The rules in the kept form at `path`, by category and then by name.

    Raises:
        ConfigError: it is gone, or no longer what its name says.
    """
    try:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest()[:VERSION_DIGITS] != path.stem:
                raise ConfigError(f"{path} was changed after it was imported. Import that list again.")
        with path.open(encoding="utf-8", errors="surrogatepass", newline="\n") as lines:
            yield from _kept(lines)
    except OSError as fault:
        raise ConfigError(f"{path} cannot be read ({fault.strerror}). Import that list again.") from fault


def _kept(lines: Iterable[str]) -> Iterator[Rule]:
    category = ""
    for line in lines:
        text = line.removesuffix("\n")
        if text.startswith("["):
            category = text[1:-1]
        else:
            yield category, text


def _rules_of_file(path: Path, form: ListFormat, category: str, faults: Faults) -> Iterator[Rule]:
    own = f"{OUR_OWN}{category}"
    try:
        with path.open("rb") as stream:
            if form == "csv":
                yield from read_csv(stream, path.name, faults)
            else:
                read = {"plain": read_plain, "hosts": read_hosts, "adblock": read_adblock}[form]
                yield from read(stream, path.name, own, faults)
    except OSError as fault:
        raise ConfigError(f"{path} cannot be read ({fault.strerror}).") from fault


def _gathered(rules: Iterable[Rule]) -> Content:
    gathered: Content = {}
    for category, entries in groupby(rules, key=itemgetter(0)):
        gathered.setdefault(category, []).extend(name for _, name in entries)
    # Sorted and then thinned: a set of millions of names would double the memory.
    return {category: [name for name, _ in groupby(sorted(names))] for category, names in gathered.items()}


def _with_meaning(gathered: Content, known: set[str], aliases: Mapping[str, str], faults: Faults) -> Content:
    """Only the categories that the policy names, by their own name or another one of theirs."""
    others: dict[str, list[str]] = {}
    for alias, own in sorted(aliases.items()):
        others.setdefault(own, []).append(alias)
    kept: Content = {}
    for category, names in gathered.items():
        called = next((name for name in (category, *others.get(category, ())) if name in known), None)
        if called is None:
            faults.leave_out(f"names in categories that lists.toml gives no meaning ({category})"[:120], len(names))
        else:
            kept[called] = sorted({*kept.get(called, ()), *names}) if called in kept else names
    return kept


def _nothing(path: Path, form: ListFormat, faults: Faults) -> str:
    first = f" The first bad line: {faults.first[0]}." if faults.first else ""
    left = f" Left out: {', '.join(list(faults.left_out)[:3])}." if faults.left_out else ""
    return f"{path} holds nothing to import as {form}.{first}{left} Check its format, and its meaning in lists.toml."
