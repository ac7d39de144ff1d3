"""One policy for everybody: it has no way to exempt the Headteacher, or anyone else."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analytics import contracted_hours, permission
from analytics.categorise import Judge
from analytics.event import WebEvent
from analytics.permission import permission_for
from analytics.snapshot import Permission, Person
from config.policy import load_policy
from tests.proxy_addons.pipeline import OPENED, Pipeline, answer, only, request
from tests.proxy_addons.running_gateway import ANNE, ANNES_LAPTOP

POLICY = load_policy()
PEOPLE = ("p-head", "p-anne", "p-ben")
ABOUT_PEOPLE = ("person", "role", "headteacher", "chair", "exempt", "account", "username")
PERMISSIONS = st.lists(
    st.builds(
        Permission,
        permission_id=st.sampled_from(["m-1", "m-2", "m-3"]),
        person_id=st.sampled_from([None, *PEOPLE]),
        categories=st.sampled_from([(), ("shopping",), ("news", "sport")]),
        hosts=st.sampled_from([(), ("amazon.co.uk",)]),
        windows=st.just(()),
        from_ms=st.integers(0, 5),
        until_ms=st.integers(0, 9),
    ),
    max_size=4,
)


def names(value: Any) -> Iterator[str]:
    """The name of every field and key within a policy."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield field.name
            yield from names(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from names(each)
    elif isinstance(value, tuple):
        for each in value[:1]:
            yield from names(each)


def test_no_part_of_a_policy_is_about_a_person_or_a_role() -> None:
    # Kinds of site may be named after anything; what is looked at is what the policy can say.
    without_sites = replace(POLICY, categories=dict(list(POLICY.categories.items())[:1]))
    assert [name for name in names(without_sites) if any(word in name for word in ABOUT_PEOPLE)] == []


def test_a_verdict_is_asked_without_saying_who_asks() -> None:
    assert list(inspect.signature(Judge.judge).parameters) == ["self", "host", "path", "query"]
    assert list(inspect.signature(contracted_hours.hours_at).parameters) == ["pattern", "calendar", "ts_ms"]
    source = inspect.getsource(permission) + inspect.getsource(contracted_hours)
    assert not [word for word in ("Role", "HEADTEACHER", "CHAIR") if word in source]


def swapped(permissions: list[Permission], one: str, other: str) -> list[Permission]:
    """The same permissions with two people changed for each other."""
    names = {one: other, other: one}
    return [replace(each, person_id=names.get(each.person_id or "", each.person_id)) for each in permissions]


@given(
    PERMISSIONS,
    st.sampled_from(["shopping", "news"]),
    st.sampled_from(["www.amazon.co.uk", "bbc.co.uk"]),
    st.integers(0, 9),
)
def test_people_changed_for_each_other_have_each_others_permissions_and_nothing_else_changes(
    permissions: list[Permission], category: str, host: str, ts_ms: int
) -> None:
    changed = swapped(permissions, "p-head", "p-anne")
    assert permission_for(permissions, "p-head", category, host, ts_ms) == permission_for(
        changed, "p-anne", category, host, ts_ms
    )
    assert permission_for(permissions, "p-ben", category, host, ts_ms) == permission_for(
        changed, "p-ben", category, host, ts_ms
    )


def recorded(tmp_path: Any, person: Person, url: str) -> WebEvent:
    """The event of one page that `person` opened on their own laptop."""
    tmp_path.mkdir(exist_ok=True)
    pipeline = Pipeline(tmp_path, people=(person,), devices=(replace(ANNES_LAPTOP, person_id=person.person_id),))
    pipeline.exchange(request(url, OPENED), answer())
    return only(pipeline.events)


def test_the_headteachers_page_is_judged_as_anybodys(tmp_path: Any) -> None:
    head = replace(ANNE, person_id="p-head", username="m.head")
    for url in ("https://www.amazon.co.uk/", "https://www.bet365.com/", "https://www.bbc.co.uk/bitesize"):
        hers, annes = recorded(tmp_path / "head", head, url), recorded(tmp_path / "anne", ANNE, url)
        assert (hers.person_id, annes.person_id) == ("p-head", ANNE.person_id)
        own = {"event_id": "", "person_id": "", "ts_ms": 0, "duration_ms": 0, "binding_id": "", "binding_from_ms": 0}
        assert replace(hers, **own) == replace(annes, **own)  # type: ignore[arg-type]
