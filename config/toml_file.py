"""Reading a TOML file so that every fault can be mended by the person who wrote it.

Owns the wording of configuration errors: file, line, key, what was found, what is allowed.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.errors import ConfigError

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]+"|'[^']+'|[A-Za-z0-9_-]+)\s*=""")


_IN_OUR_WORDS: Final = {
    "extra_forbidden": "no such key; take it out, or mend its spelling",
    "ip_any_network": "an address such as 10.20.0.2, or a network such as 10.20.0.0/24",
}
_SETTINGS_ADVICE: Final = "Make it with `fairgate init`, or name another folder with --state."


def read_toml(path: Path, if_missing: str = _SETTINGS_ADVICE) -> dict[str, Any]:
    """The file's tables; `if_missing` tells its author what to do where there is no such file.

    Raises:
        ConfigError: absent, unreadable, or not TOML (with the line).
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as absent:
        raise ConfigError(f"{path} does not exist. {if_missing}") from absent
    except UnicodeDecodeError as fault:
        raise ConfigError(f"{path} is not UTF-8 text (byte {fault.start}). Save it as UTF-8.") from fault
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{path}: not valid TOML: {fault}.") from fault
    except OSError as fault:
        raise ConfigError(f"{path} cannot be read ({fault.strerror}).") from fault


def validated[T](build: Callable[[], T], path: Path) -> T:
    """What `build` returns; a pydantic fault becomes a `ConfigError` listing every mistake in the file at `path`."""
    try:
        return build()
    except ValidationError as fault:
        lines = _lines_by_key(path)
        raise ConfigError("\n".join(_explained(error, path, lines) for error in fault.errors())) from fault


def fault_at(path: Path, keys: tuple[str | int, ...], found: object, allowed: str) -> ConfigError:
    """The error for a mistake that pydantic does not see: the value at `keys` is `found`, and should be `allowed`."""
    return ConfigError(_sentence(path, _line(_lines_by_key(path), keys), keys, found, allowed))


def line_of_value(path: Path, keys: tuple[str | int, ...], value: str) -> int:
    """The line on which the text `value` stands within `keys`; the line of `keys` where it cannot be found."""
    start = _line(_lines_by_key(path), keys)
    quoted = (f'"{value}"', f"'{value}'")
    for number, line in enumerate(path.read_text("utf-8").splitlines()[start - 1 :], start):
        if any(text in line.partition("#")[0] for text in quoted):
            return number
    return start


def _explained(error: ErrorDetails, path: Path, lines: dict[tuple[str | int, ...], int]) -> str:
    keys = tuple(error["loc"])
    found = "nothing" if error["type"] == "missing" else error["input"]
    said = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    allowed = _IN_OUR_WORDS.get(error["type"], said)
    return _sentence(path, _line(lines, keys), keys, found, allowed)


def _sentence(path: Path, line: int, keys: tuple[str | int, ...], found: object, allowed: str) -> str:
    dotted = ".".join(str(key) for key in keys)
    shown = found if found == "nothing" else repr(found)[:80]
    return f"{path}, line {line}: {dotted}: found {shown}; allowed: {allowed}."


def _line(lines: dict[tuple[str | int, ...], int], keys: tuple[str | int, ...]) -> int:
    """The line of the longest known beginning of `keys`; 1 where none is known."""
    for length in range(len(keys), 0, -1):
        if keys[:length] in lines:
            return lines[keys[:length]]
    return 1


def _lines_by_key(path: Path) -> dict[tuple[str | int, ...], int]:
    """Where each key stands: tomllib does not say, so headers and keys at the start of a line are looked up."""
    lines: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    arrays: dict[tuple[str | int, ...], int] = {}
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return lines
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            if header[1] == "[[":
                arrays[table] = arrays.get(table, -1) + 1
                table = (*table, arrays[table])
            lines[table] = number
        elif key := _KEY.match(line):
            lines[(*table, key[1].strip("\"'"))] = number
    return lines
