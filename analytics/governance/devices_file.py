"""A list of devices as a CSV file, read whole or refused whole.

Owns the file's form: a header of class, addresses, macs, hostnames, label, person, then one device a row; several
addresses, hardware addresses or names stand in one cell with spaces between. Promises: every bad row is named with its
line and what is wrong, all of them at once; no device is returned where one row is bad.
"""

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from analytics.governance.device_marks import Marks
from analytics.governance.devices import NewDevice
from analytics.snapshot import DeviceClass
from config.errors import ConfigError, FairgateError

COLUMNS: Final = ("class", "addresses", "macs", "hostnames", "label", "person")
_CLASSES: Final = tuple(str(kind) for kind in DeviceClass)


def read_devices(file: Path, people: Collection[str]) -> list[NewDevice]:
    """The devices in the CSV `file`, whose persons are ids of `people` or empty.

    Raises:
        ConfigError: the file cannot be read, or a row is bad: one line for each.
    """
    faults: list[str] = []
    devices: list[NewDevice] = []
    taken: dict[str, int] = {}
    for line, row in _rows(file):
        try:
            device = _device(row, people)
            _refuse_twice(device.marks, taken, line)
        except FairgateError as fault:
            faults.append(f"{file}, line {line}: {fault}")
        else:
            devices.append(device)
    if faults:
        raise ConfigError("\n".join([*faults, "No device was entered. Mend these rows and import the file again."]))
    if not devices:
        raise ConfigError(f"{file}: found no device; allowed: one device a row below the header.")
    return devices


def _device(row: dict[str, str], people: Collection[str]) -> NewDevice:
    if row["class"] not in _CLASSES:
        raise FairgateError(f"class: found {row['class']!r}; allowed: {', '.join(_CLASSES)}.")
    if row["person"] and row["person"] not in people:
        raise FairgateError(f"person: found {row['person']!r}; allowed: an id that fairgate people list shows.")
    if row["person"] and row["class"] != DeviceClass.STAFF:
        raise FairgateError(f"person: a {row['class']} device belongs to nobody; only a staff device is one person's.")
    return NewDevice(
        device_class=DeviceClass(row["class"]),
        marks=Marks.of(row["addresses"].split(), row["macs"].split(), row["hostnames"].split()),
        label=row["label"],
        person_id=row["person"] or None,
    )


def _refuse_twice(marks: Marks, taken: dict[str, int], line: int) -> None:
    for mark in (*marks.addresses, *marks.macs, *marks.hostnames):
        if taken.setdefault(mark, line) != line:
            raise FairgateError(f"{mark} stands in line {taken[mark]} already; allowed: one device each.")


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(_text(file), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if sorted(header) != sorted(COLUMNS):
            raise ConfigError(f"{file}, line 1: found {','.join(header)!r}; allowed: {','.join(COLUMNS)}.")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise ConfigError(
                    f"{file}, line {reader.line_num}: found {len(cells)} columns; allowed: {len(header)}."
                )
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except csv.Error as fault:
        raise ConfigError(f"{file}, line {reader.line_num}: {fault}. Save the list as CSV again.") from fault


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise ConfigError(f"{file} cannot be read ({fault.strerror}). Name the CSV file of the devices.") from fault
    except UnicodeDecodeError as fault:
        raise ConfigError(f"{file} is not UTF-8 text. Save it as 'CSV UTF-8' in the spreadsheet.") from fault
