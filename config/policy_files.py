"""Reading the policy's TOML files, and refusing them so that their author can mend them.

Owns the shape of config/school/*.toml and config/lists.toml. Promises: every mistake is reported with file, line,
key, what was found and what is allowed; a missing or empty shield is refused, so is a site that stands in two
categories of one list, and a category, threshold or rule that does not say why, what for and by whom.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, TypeAdapter, model_validator

from config.calendar_file import read_calendar
from config.errors import ConfigError
from config.host_name import suffix_list_digest
from config.imported_lists import is_imported, read_imported
from config.policy_model import (
    THRESHOLDS,
    Category,
    HoursPattern,
    Notice,
    PassThrough,
    Policy,
    Retention,
    ShieldArea,
    SiteList,
    SiteRule,
    Threshold,
    digest,
)
from config.policy_table import IF_MISSING, Reasoned, Sentence, Table
from config.site_pattern import PatternFault, read_pattern
from config.toml_file import fault_at, line_of_value, read_toml, validated
from config.weekly_hours import Weekday, read_stretch, weekly_windows

type Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
type Stretch = Annotated[str, AfterValidator(lambda text: read_stretch(text) and text)]
type Week = dict[Weekday, list[Stretch]]
type Phrase = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=2)]


class _Category(Reasoned):
    title: Sentence
    purpose: Literal["work", "private", "inappropriate", "unlawful", "infrastructure", "unknown"]
    gravity: Annotated[int, Field(ge=0, le=4)]
    stated_purpose: Sentence
    keep: Literal["host", "path", "phrase"]
    phrase_keys: list[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _phrases_have_keys(self) -> "_Category":
        if self.keep == "phrase" and not self.phrase_keys:
            raise ValueError('phrase_keys where keep = "phrase"')
        if self.gravity and self.purpose in ("work", "infrastructure", "unknown"):
            raise ValueError("gravity 0 for a purpose that is never counted against anyone")
        return self


class _List(Reasoned):
    title: Sentence
    quality: Literal["evidence", "hint"]
    files: Annotated[list[Sentence], Field(min_length=1)]


class _Shield(Reasoned):
    title: Sentence
    sites: Annotated[list[str], Field(min_length=1)]
    phrases: list[Phrase] = Field(default_factory=list)
    innocent: list[Phrase] = Field(default_factory=list)


class _Hours(Reasoned):
    title: Sentence
    weeks: Literal["term", "all_year"]
    contracted: Week
    breaks: Week = Field(default_factory=dict)


class _Threshold(Reasoned):
    value: Annotated[int, Field(ge=0)]
    unit: Sentence


class _Retention(Reasoned):
    title: Sentence
    days: Annotated[int, Field(ge=1, le=36_600)]


class _Notice(Table):
    title: Sentence
    text: Sentence
    acknowledgement: Sentence
    author: Sentence


class _Banking(Reasoned):
    categories: list[Key]


class _Pinned(Reasoned):
    sites: list[str]


class _PassThrough(Table):
    banking: _Banking
    pinned: dict[Key, _Pinned]


@dataclass(frozen=True, slots=True)
class _Written:
    """A rule, and where it stands: the line is looked for only when somebody must be told."""

    rule: SiteRule
    path: Path
    keys: tuple[str, ...]
    raw: str

    @property
    def line(self) -> int:
        return line_of_value(self.path, self.keys, self.raw)


def read_policy(folder: Path) -> Policy:
    """The policy in `folder`; its lists.toml may stand in it or beside it.

    Raises:
        ConfigError: see the module's promise.
    """
    categories = {
        key: Category(key=key, **table.model_dump(exclude={"phrase_keys"}), phrase_keys=tuple(table.phrase_keys))
        for key, table in _tables(folder / "categories.toml", _Category).items()
    }
    lists, sites = _lists(folder, categories)
    shield = _shield(folder / "shield.toml")
    imported, sources = read_imported(_lists_file(folder), categories, [area.key for area in shield])
    hours = {key: _hours(key, table) for key, table in _tables(folder / "hours.toml", _Hours).items()}
    retention = _tables(folder / "retention.toml", _Retention)
    notice = _one(folder / "notice.toml", _Notice)
    return Policy(
        categories=categories,
        lists=lists,
        sites=sites,
        shield=shield,
        pass_through=_pass_through(folder / "pass_through.toml", categories),
        hours=hours,
        calendar=read_calendar(folder / "calendar.toml"),
        thresholds=_thresholds(folder / "thresholds.toml"),
        retention={key: Retention(key=key, **table.model_dump()) for key, table in retention.items()},
        notice=Notice(**notice.model_dump()),
        suffix_list=suffix_list_digest(),
        imported=imported,
        list_sources=sources,
    )


def _one[Model: BaseModel](path: Path, model: type[Model]) -> Model:
    plain = read_toml(path, IF_MISSING)
    return validated(lambda: model.model_validate(plain), path)


def _tables[Model: BaseModel](
    path: Path, model: type[Model], left_out: Callable[[object], bool] = lambda table: False
) -> dict[str, Model]:
    """Every table of the file, by its key, but those `left_out`; at least one."""
    plain = {key: table for key, table in read_toml(path, IF_MISSING).items() if not left_out(table)}
    adapter: TypeAdapter[dict[str, Model]] = TypeAdapter(dict[Key, model])  # type: ignore[valid-type]
    tables = validated(lambda: adapter.validate_python(plain), path)
    if not tables:
        raise ConfigError(f"{path}, line 1: found an empty file; allowed: at least one table, such as [example].")
    return tables


def _lists_file(folder: Path) -> Path:
    inside = folder / "lists.toml"
    return inside if inside.exists() else folder.parent / "lists.toml"


def _lists(folder: Path, categories: dict[str, Category]) -> tuple[tuple[SiteList, ...], tuple[SiteRule, ...]]:
    path = _lists_file(folder)
    lists: list[SiteList] = []
    rules: dict[str, SiteRule] = {}
    for key, table in _tables(path, _List, is_imported).items():
        own = _list_rules(folder, key, table.files, categories)
        lists.append(
            SiteList(
                key=key,
                version=digest([[rule.pattern, rule.category] for rule in own.values()])[:12],
                **table.model_dump(exclude={"files"}),
            )
        )
        # An earlier list has precedence: its word on a site stands.
        rules = own | rules
    return tuple(lists), tuple(rules[pattern] for pattern in sorted(rules))


def _list_rules(folder: Path, key: str, files: list[str], categories: dict[str, Category]) -> dict[str, SiteRule]:
    seen: dict[str, _Written] = {}
    for name in files:
        for written in _site_file(folder / name, key, categories):
            earlier = seen.setdefault(written.rule.pattern, written)
            if earlier.rule.category != written.rule.category:
                raise _twice(earlier, written)
    return {pattern: seen[pattern].rule for pattern in sorted(seen)}


def _twice(earlier: _Written, later: _Written) -> ConfigError:
    return ConfigError(
        f"{later.path}, line {later.line}: {later.rule.category}: found {later.rule.pattern!r}, which already stands "
        f"in {earlier.path}, line {earlier.line}, as {earlier.rule.category}; allowed: one category for a site. "
        "Take one of the two out."
    )


def _site_file(path: Path, list_key: str, categories: dict[str, Category]) -> Iterator[_Written]:
    plain = read_toml(path, IF_MISSING)
    adapter = TypeAdapter(dict[str, list[str]])
    for category, patterns in validated(lambda: adapter.validate_python(plain, strict=True), path).items():
        if category not in categories:
            known = f"a category of categories.toml ({_near(category, categories)})"
            raise fault_at(path, (category,), category, known)
        yield from _rules(path, (category,), patterns, category, list_key)


def _rules(
    path: Path, keys: tuple[str, ...], patterns: Iterable[str], category: str, list_key: str
) -> Iterator[_Written]:
    for pattern in patterns:
        try:
            yield _Written(read_pattern(pattern, category, list_key), path, keys, pattern)
        except PatternFault as fault:
            line = line_of_value(path, keys, pattern)
            raise ConfigError(f"{path}, line {line}: {'.'.join(keys)}: found {pattern!r}; allowed: {fault}.") from fault


def _near(found: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(found, known, 3)
    return f"perhaps {' or '.join(near)}" if near else "none has a name like it"


def _shield(path: Path) -> tuple[ShieldArea, ...]:
    try:
        tables = _tables(path, _Shield)
    except ConfigError as fault:
        raise ConfigError(f"{fault}\nWithout a shield nothing may be recorded, so Fairgate does not start.") from fault
    return tuple(
        ShieldArea(
            key=key,
            title=table.title,
            why=table.why,
            author=table.author,
            sites=tuple(w.rule for w in _rules(path, (key, "sites"), table.sites, key, "shield")),
            phrases=tuple(table.phrases),
            innocent=tuple(table.innocent),
        )
        for key, table in tables.items()
    )


def _thresholds(path: Path) -> dict[str, Threshold]:
    tables = _tables(path, _Threshold)
    for key in tables:
        if key not in THRESHOLDS:
            raise fault_at(path, (key,), key, f"a threshold that something reads ({_near(key, THRESHOLDS)})")
    for key in THRESHOLDS:
        if key not in tables:
            raise fault_at(path, (key,), "nothing", f"a table [{key}], as in the policy that comes with Fairgate")
    return {key: Threshold(key=key, **table.model_dump()) for key, table in tables.items()}


def _pass_through(path: Path, categories: dict[str, Category]) -> PassThrough:
    table = _one(path, _PassThrough)
    for key in table.banking.categories:
        if key not in categories:
            raise fault_at(path, ("banking", "categories"), key, "a category of categories.toml")
    pinned = [
        written.rule
        for key, group in table.pinned.items()
        for written in _rules(path, ("pinned", key, "sites"), group.sites, "pinned", "pinned")
    ]
    return PassThrough(banking=tuple(table.banking.categories), pinned=tuple(pinned))


def _hours(key: str, table: _Hours) -> HoursPattern:
    return HoursPattern(
        key=key,
        title=table.title,
        why=table.why,
        author=table.author,
        weeks=table.weeks,
        contracted=weekly_windows(table.contracted),
        breaks=weekly_windows(table.breaks),
    )
