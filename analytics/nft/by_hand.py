"""`fairgate nft up` and `down`: the rules loaded and removed by hand, by root.

Owns what a person's hand must leave as the service would: the proof of how long devices went past the gateway, and
files that the service can still write. Promises: nothing is changed while `fairgate nft follow` keeps the rules.
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
    with _alone(state):
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
    with _alone(state):
        stood = standing() is not None
        load(REMOVED)
        if stood:
            Stretch.read(folder(state) / "bypass.json").begin(now_ms())


@contextmanager
def _alone(state: StateFolder) -> Iterator[None]:
    """While nothing else of ours keeps the rules; what was written is then given to the state folder's owner."""
    with state.lock("nft"):
        try:
            yield
        finally:
            owner = state.root.stat()
            for path in (state.root / "run" / "nft.lock", folder(state), *folder(state).glob("*")):
                if path.exists() and path.stat().st_uid != owner.st_uid:
                    os.chown(path, owner.st_uid, owner.st_gid)
