"""`policy_version` is the digest of everything that decided."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from config.policy import Policy, load_policy
from config.policy_model import METHOD_VERSION

POLICY = load_policy()
type Change = tuple[str, Any]


def changes(value: Any, where: str) -> Iterator[Change]:
    """`value` with one single thing in it changed, each thing in turn; of several alike, the last."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.init:
                for name, changed in changes(getattr(value, field.name), f"{where}.{field.name}"):
                    yield name, replace(value, **{field.name: changed})
    elif isinstance(value, Mapping):
        *_, key = value
        yield f"{where} without {key}", {name: each for name, each in value.items() if name != key}
        yield from ((name, {**value, key: changed}) for name, changed in changes(value[key], f"{where}.{key}"))
    elif isinstance(value, tuple):
        yield f"{where} without its last", value[:-1] if value else ("more",)
        if value:
            yield from ((name, (*value[:-1], changed)) for name, changed in changes(value[-1], f"{where}[-1]"))
    else:
        yield where, _other(value)


def _other(value: object) -> object:
    match value:
        case int():
            return value + 1
        case date():
            return value + timedelta(days=1)
        case None:
            return (date(2026, 1, 1), date(2026, 1, 2))
        case _:
            return f"{value}x"


NOT_DECIDING = "list_sources"
"""Where an imported list is fetched from: what it says is in its own version."""
EVERY = list(changes(POLICY, "policy"))
CHANGES = [(where, changed) for where, changed in EVERY if not where.startswith(f"policy.{NOT_DECIDING}")]


def test_every_part_of_the_policy_is_tried() -> None:
    tried = {where.split(" ")[0].split(".")[1].removesuffix("[-1]") for where, _ in EVERY}
    assert tried == {field.name for field in fields(Policy) if field.init}
    assert {"calendar", "thresholds", "lists", "suffix_list", "method"} <= tried
    assert len(CHANGES) > 80


@pytest.mark.parametrize(("where", "changed"), CHANGES, ids=[where for where, _ in CHANGES])
def test_any_single_change_changes_the_version(where: str, changed: Policy) -> None:
    assert changed.version != POLICY.version, where


def test_the_versions_of_all_those_changes_differ_from_each_other() -> None:
    assert len({changed.version for _, changed in CHANGES}) == len(CHANGES)


def test_the_programs_own_rules_are_named_by_number() -> None:
    assert POLICY.method == METHOD_VERSION
    assert replace(POLICY, method=METHOD_VERSION + 1).version != POLICY.version
    assert replace(POLICY).version == POLICY.version
