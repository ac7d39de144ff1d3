"""The canonical form of one record type, written fast.

Owns a format string with every name in its sorted place, filled by field type. Promises: exactly the bytes that
`canonical_bytes` gives for the same values, or None where a value is not as its field's type says, so that the caller
can ask `canonical_bytes` what is wrong.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from analytics.canonical import LARGEST_INTEGER

_quoted: Final = json.encoder.encode_basestring


class CanonicalTemplate:
    """For a record of `constants` (name to value) and fields: texts, texts that may be absent, yes/no, numbers."""

    def __init__(
        self,
        constants: Mapping[str, str | int],
        texts: Sequence[str],
        optionals: Sequence[str],
        switches: Sequence[str],
        numbers: Sequence[str],
    ) -> None:
        places = {name: at for at, name in enumerate((*texts, *optionals, *switches, *numbers))}
        fixed = {name: json.dumps(value) for name, value in constants.items()}
        names = sorted((*places, *fixed))
        self._format = ",".join(f'"{name}":{fixed.get(name) or f"{{{places[name]}}}"}' for name in names).join(
            ("{{", "}}")
        )

    def fill(
        self, texts: Sequence[Any], optionals: Sequence[Any], switches: Sequence[Any], numbers: Sequence[Any]
    ) -> bytes | None:
        """The bytes for these values, in the order the fields were named in; None where one is of another type."""
        if not _plain(numbers, switches):
            return None
        try:
            return self._format.format(
                *map(_quoted, texts),
                *["null" if text is None else _quoted(text) for text in optionals],
                *["true" if switch else "false" for switch in switches],
                *numbers,
            ).encode("utf-8")
        except (TypeError, UnicodeEncodeError):
            return None


def _plain(numbers: Sequence[Any], switches: Sequence[Any]) -> bool:
    """Whether they are whole numbers that can be kept exactly, and yes or no."""
    return (
        set(map(type, numbers)) == {int}
        and set(map(type, switches)) == {bool}
        and -LARGEST_INTEGER <= min(numbers) <= max(numbers) <= LARGEST_INTEGER
    )
