"""`fairgate nft up` and `down`: the rules loaded and removed by hand, by root.

Owns what a person's hand must leave as the service would: the proof of how long devices went past the gateway, and
files that the service can still write. Promises: nothing is changed while `fairgate nft follow` keeps the rules; root's
rights are used for the kernel alone: every file is opened with the rights of the account that owns the state folder,
so that whatever this account put there (a link, say) leads root nowhere.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from analytics.bindings import EMPTY
from analytics.identity import Register
from analytics.nft.bypass import Stretch
from analytics.nft.enrolment import enrolled
from analytics.nft.follow import folder, now_ms
from analytics.nft.kernel import load, standing
from analytics.nft.owed import Owed
from analytics.nft.plan import ruleset_of
from analytics.nft.ruleset import FOR_GOOD, REMOVED
from analytics.snapshot import read_snapshot
from config.settings import Settings
from config.state import StateFolder


def table(settings: Settings, state: StateFolder) -> str:
    """The rules for the school's staff devices by their fixed addresses, as last published.

    Raises:
        ConfigError: a setting cannot be meant, or there is no good snapshot.
    """
    ruleset = ruleset_of(settings)
    register = Register(read_snapshot(state.snapshot))
    return ruleset.table(enrolled(register, EMPTY, now_ms()), ruleset.ports, FOR_GOOD)


def up(settings: Settings, state: StateFolder) -> None:
    """Load the rules; a stretch without them is owed to `fairgate identity`.

    Raises:
        FairgateError: as `table` and `load`, or `fairgate nft follow` runs; nothing was changed.
    """
    rules = table(settings, state)
    with _as_owner(state), state.lock("nft"):
        with _as_started():
            load(rules)
        stretch = Stretch.read(folder(state) / "bypass.json")
        if past := stretch.end(now_ms()):
            Owed(folder(state) / "owed.jsonl", state.identity_socket).owe(
                {"say": "bypassed", "from_ms": past[0], "to_ms": past[1]}
            )
        stretch.seen(now_ms())


def down(state: StateFolder) -> None:
    """Remove our rules, and nothing else; a stretch without them begins where they stood.

    Raises:
        FairgateError: as `load`, or `fairgate nft follow` runs; nothing was changed.
    """
    with _as_owner(state), state.lock("nft"):
        with _as_started():
            stood = standing() is not None
            load(REMOVED)
        if stood:
            Stretch.read(folder(state) / "bypass.json").begin(now_ms())


@contextmanager
def _as_owner(state: StateFolder) -> Iterator[None]:
    """With no more rights than the state folder's owner has, where root began."""
    owner = state.root.stat() if state.root.exists() else None
    if os.geteuid() != 0 or owner is None or owner.st_uid == 0:
        yield
        return
    groups, group = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


@contextmanager
def _as_started() -> Iterator[None]:
    """With the rights that this process was started with: for the kernel, and for no file."""
    lowered = os.geteuid()
    os.seteuid(os.getuid())
    try:
        yield
    finally:
        os.seteuid(lowered)
