"""Who a sign-in says it is of, in every form that networks write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.sources.username import said_user

OURS = frozenset(("oak", "oak.sch.uk"))


@pytest.mark.parametrize("written", ["ann", "ANN", " Ann ", "OAK\\ann", "ann@oak.sch.uk", "Ann@OAK.SCH.UK"])
def test_ann_is_ann_however_she_is_written(written: str) -> None:
    assert said_user(written, OURS) == "ann"


@pytest.mark.parametrize("written", ["ELM\\ann", "ann@elm.sch.uk", "a/b", "OAK\\x\\ann", "ann@x@oak.sch.uk", "x" * 254])
def test_a_visitors_name_is_never_taken_for_ours(written: str) -> None:
    assert said_user(written, OURS) == ""


def test_without_domains_only_the_bare_name_is_ours() -> None:
    assert said_user("ann", ()) == "ann"
    assert said_user("OAK\\ann", ()) == ""


@pytest.mark.parametrize(
    "written",
    [
        "host/pc-7.oak.sch.uk",
        "PC-7$",
        "OAK\\PC-7$",
        "PC-7$@oak.sch.uk",
        "",
        "anonymous@oak.sch.uk",
        "00-1A-2B-3C-4D-5E",
    ],
)
def test_a_machine_or_a_hidden_name_is_no_person(written: str) -> None:
    assert said_user(written, OURS) is None


@given(st.text())
def test_whatever_is_written_only_a_plain_name_comes_out(written: str) -> None:
    said = said_user(written, OURS)
    assert not said or (said == said.casefold() and not set(said) & set("\\@/") and not said.endswith("$"))
