"""The rows of a CSV file that a school fills in, as a spreadsheet saves it.

Owns the form of such files: UTF-8, a header that names exactly the columns, one entry a row. Promises: whatever cannot
be read is refused with the line, what was found and what is allowed.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from config.errors import ConfigError


def file_text(file: Path, what: str) -> str:
    """The text of `file`; `what` says which file should be named.

    Raises:
        ConfigError: it cannot be read, or is not UTF-8.
    """
    try:
        return plain_text(file.read_bytes(), str(file))
    except OSError as fault:
        raise ConfigError(f"{file} cannot be read ({fault.strerror}). Name {what}.") from fault


def plain_text(data: bytes, where: str) -> str:
    """`data` as text.

    Raises:
        ConfigError: it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ConfigError(f"{where} is not UTF-8 text. Save it as 'CSV UTF-8' in the spreadsheet.") from fault


def csv_rows(text: str, where: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells by column of each row that is not empty; `where` names the file in errors.

    Raises:
        ConfigError: the header or a row is not as it must be.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if sorted(header) != sorted(columns):
            raise ConfigError(f"{where}, line 1: found {','.join(header)!r}; allowed: {','.join(columns)}.")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise ConfigError(
                    f"{where}, line {reader.line_num}: found {len(cells)} columns; allowed: {len(header)}. "
                    "Put a name with a comma in double quotes."
                )
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except csv.Error as fault:
        raise ConfigError(f"{where}, line {reader.line_num}: {fault}. Save the list as CSV again.") from fault
