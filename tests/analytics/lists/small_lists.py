"""Small lists, and a policy that reads them, for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from analytics.lists.compiled import CompiledLists, open_compiled
from analytics.lists.compiler import Source, compile_lists
from analytics.lists.listed import ListsInForce
from config.policy import ImportedCategory, ImportedList, ListSource, Policy, load_policy
from config.policy_model import Quality

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "ut1" / "blacklists.tar.gz"
"""The real UT1 lists, where this machine has them: they are not part of the project."""
type Mapped = tuple[str, str, Quality]
"""A list's own category, ours, and how far it can be relied on."""
type Holds = Mapping[str, Mapping[str, Sequence[str]]]
"""List key to own category to names."""
NO_SOURCE = ListSource(address=None, digest_address=None, sha256=None, oldest_days=90, largest_mb=1, proxy=None)

CAREFUL: tuple[Mapped, ...] = (
    ("porn", "adult", "evidence"),
    ("bets", "gambling", "evidence"),
    ("shops", "shopping", "evidence"),
)
HINTS: tuple[Mapped, ...] = (
    *(("bets", "gambling", "hint"), ("shops", "shopping", "hint"), ("ads", "advertising", "hint")),
    *(("cult", "faith", "hint"), ("tools", "teaching_resources", "hint"), ("money", "banking", "hint")),
)


def listed(key: str, categories: Sequence[Mapped], quality: Quality = "hint") -> ImportedList:
    """A declared list; without categories it is a plain one, of advertising."""
    return ImportedList(
        key=key,
        title=f"The {key} list",
        quality=quality,
        why="For tests.",
        author="The tests",
        format="ut1" if categories else "plain",
        category=None if categories else "advertising",
        categories=tuple(ImportedCategory(own=own, meaning=to, quality=kept) for own, to, kept in categories),
    )


@cache
def shipped() -> Policy:
    return load_policy()


def policy(*lists: ImportedList) -> Policy:
    """The shipped policy with these imported lists; a careful and a careless one where none are given."""
    chosen = lists or (listed("careful", CAREFUL, "evidence"), listed("rough", HINTS))
    return replace(shipped(), imported=chosen, list_sources={one.key: NO_SOURCE for one in chosen})


def compiled(path: Path, made: Policy, holds: Holds) -> CompiledLists:
    """The lists compiled."""
    sources = [
        Source(one, f"v-{one.key}", 1_000, [(own, name) for own, names in holds[one.key].items() for name in names])
        for one in made.imported
        if one.key in holds
    ]
    compile_lists(sources, path, 2_000)
    return open_compiled(path)


def in_force(folder: Path, holds: Holds, made: Policy | None = None) -> ListsInForce:
    """As `compiled`, under the policy."""
    made = made or policy()
    return ListsInForce(compiled(folder / "small.lists", made, holds), made)
