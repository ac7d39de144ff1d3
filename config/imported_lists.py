"""The lists that others publish, as lists.toml declares them: a table with `format`.

Owns the shape of such a table. Promises: what a list's own category means here is stated by the school, in our
categories or as an area of the shield, and everything else in the list is left out; a list that can count against
somebody says by which quality and why; every mistake is reported with file, line and key.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from config.errors import ConfigError
from config.policy_model import ImportedCategory, ImportedList, ListSource
from config.toml_file import fault_at, read_toml, validated

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

type _Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
type _Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3)]
type _Quality = Literal["evidence", "hint"]


def may_be_fetched(address: str) -> bool:
    """Whether `address` is HTTPS, or this very machine: what comes over plain HTTP may be anybody's."""
    try:
        parts = urlsplit(address)
        name = parts.hostname
    except ValueError:
        return False
    return bool(name) and (parts.scheme == "https" or (parts.scheme == "http" and name in LOOPBACK))


def _fetchable(address: str) -> str:
    if not may_be_fetched(address):
        raise ValueError("an address that begins with https://")
    return address


type _Address = Annotated[str, AfterValidator(_fetchable)]


class _Category(BaseModel):
    """One of the list's categories that is kept with more, or less, care than the rest of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    category: _Key
    quality: _Quality
    why: _Sentence


class _Imported(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: _Sentence
    quality: _Quality
    why: _Sentence
    author: _Sentence
    format: Literal["ut1", "hosts", "adblock", "plain", "csv"]
    category: _Key | None = None
    categories: dict[str, _Key | _Category] = {}
    address: _Address | None = None
    digest_address: _Address | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    oldest_days: Annotated[int, Field(ge=1, le=3_660)] = 90
    largest_mb: Annotated[int, Field(ge=1, le=2_000)] = 200
    proxy: _Sentence | None = None

    @model_validator(mode="after")
    def _has_a_meaning(self) -> "_Imported":
        if (self.format in ("ut1", "csv")) != bool(self.categories) or (self.categories and self.category):
            raise ValueError("[....categories] for the formats ut1 and csv, `category` for the others")
        return self


def is_imported(table: object) -> bool:
    """Whether a table of lists.toml declares a list that others publish."""
    return isinstance(table, Mapping) and "format" in table


def read_imported(
    path: Path, categories: Iterable[str], areas: Iterable[str]
) -> tuple[tuple[ImportedList, ...], dict[str, ListSource]]:
    """The imported lists that the file at `path` declares, and where each comes from.

    Raises:
        ConfigError: see the module's promise.
    """
    plain = {key: table for key, table in read_toml(path).items() if is_imported(table)}
    adapter: TypeAdapter[dict[str, _Imported]] = TypeAdapter(dict[_Key, _Imported])
    tables = validated(lambda: adapter.validate_python(plain), path)
    known = frozenset(categories) | frozenset(areas)
    for key, table in tables.items():
        _check_meanings(path, key, table, known)
    lists = tuple(_list(key, table) for key, table in tables.items())
    return lists, {key: _source(table) for key, table in tables.items()}


def _check_meanings(path: Path, key: str, table: _Imported, known: frozenset[str]) -> None:
    if table.category is not None and table.category not in known:
        raise _unknown(path, (key, "category"), table.category)
    for own, stated in table.categories.items():
        meaning = stated if isinstance(stated, str) else stated.category
        if meaning not in known:
            raise _unknown(path, (key, "categories", own), meaning)


def _unknown(path: Path, keys: tuple[str, ...], found: str) -> ConfigError:
    return fault_at(path, keys, found, "a category of categories.toml or an area of shield.toml")


def _list(key: str, table: _Imported) -> ImportedList:
    return ImportedList(
        key=key,
        title=table.title,
        quality=table.quality,
        why=table.why,
        author=table.author,
        format=table.format,
        category=table.category,
        categories=tuple(_category(own, stated, table.quality) for own, stated in sorted(table.categories.items())),
    )


def _category(own: str, stated: "str | _Category", quality: _Quality) -> ImportedCategory:
    if isinstance(stated, str):
        return ImportedCategory(own=own, meaning=stated, quality=quality)
    return ImportedCategory(own=own, meaning=stated.category, quality=stated.quality)


def _source(table: _Imported) -> ListSource:
    names: dict[str, Any] = {name: getattr(table, name) for name in ListSource.__dataclass_fields__}
    return ListSource(**names)
