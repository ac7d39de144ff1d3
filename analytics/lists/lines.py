"""The lines of a list's file, whatever program wrote it.

Owns encoding and line ends. Promises: a byte order mark, CRLF and a missing last line end change nothing; a line that
is not UTF-8, or longer than any address, is counted as bad and costs the others nothing; memory does not grow with
the file.
"""

from collections.abc import Iterator
from typing import Final, Protocol

from analytics.lists.faults import Faults

LONGEST_LINE: Final = 8_192


class ByteLines(Protocol):
    """A file open for reading bytes."""

    def readline(self, size: int = ..., /) -> bytes: ...


def text_lines(stream: ByteLines, file: str, faults: Faults) -> Iterator[tuple[int, str]]:
    """(number, text) of every line that holds something; spaces around it are gone."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if not raw.endswith(b"\n") and len(raw) >= LONGEST_LINE - 3 and _more_of_the_line(stream):
            faults.add(file, number, raw[:80].decode("utf-8", "replace"), "the line is too long")
            continue
        try:
            text = raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            faults.add(file, number, raw[:80].decode("utf-8", "replace"), "it is not UTF-8")
            continue
        if text:
            yield number, text


def _more_of_the_line(stream: ByteLines) -> bool:
    """Read the rest of a line that did not fit; whether there was any."""
    there_was = False
    while more := stream.readline(LONGEST_LINE):
        there_was = True
        if more.endswith(b"\n"):
            break
    return there_was
