"""The state folder: where one school's Fairgate keeps everything it writes.

Owns the paths below it, their modes, and the one-instance lock of each process.
Promises: folders are 0700; a folder that cannot be written, or a second instance of the same process,
is refused with a sentence that says which and what to do; a demonstration's folder can never be opened
as a real school's, nor the other way round.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.errors import FairgateError

DEMONSTRATION_MARK = "DEMONSTRATION"
_OURS = frozenset((DEMONSTRATION_MARK, "gateway", "snapshot", "lists", "store", "run", "governance", "dashboard"))


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Paths of one school's state. `root` need not exist yet; `prepare` makes it."""

    root: Path

    def __post_init__(self) -> None:
        # Processes find each other by these paths, whatever folder each was started in.
        object.__setattr__(self, "root", self.root.absolute())

    @property
    def settings(self) -> Path:
        return self.root / "fairgate.toml"

    @property
    def gateway(self) -> Path:
        """All that the gateway may write."""
        return self.root / "gateway"

    @property
    def ca(self) -> Path:
        return self.gateway / "ca"

    @property
    def spool(self) -> Path:
        """One folder a worker inside."""
        return self.gateway / "spool"

    @property
    def identity(self) -> Path:
        """Who was where when: written by `fairgate identity` alone (see analytics.bindings)."""
        return self.gateway / "identity" / "identity.sqlite"

    @property
    def notice_key(self) -> Path:
        """Key of what is carried past the notice page (see analytics.carried)."""
        return self.identity.parent / "notice.key"

    @property
    def identity_socket(self) -> Path:
        """Where `fairgate identity` is told things by the workers."""
        return self.root / "run" / "identity.sock"

    @property
    def keys(self) -> Path:
        """The gateway's sealing keys."""
        return self.gateway / "keys"

    @property
    def snapshot(self) -> Path:
        """The one file the gateway reads: people, devices, permissions (see analytics.snapshot)."""
        return self.root / "snapshot" / "snapshot.json"

    @property
    def lists(self) -> Path:
        """Imported lists of sites: what is in force, what waits, what was before (see analytics.lists.shelf)."""
        return self.root / "lists"

    @property
    def store(self) -> Path:
        """chDB's folder, owned by `fairgate store` alone."""
        return self.root / "store"

    @property
    def store_socket(self) -> Path:
        return self.root / "run" / "store.sock"

    @property
    def governance(self) -> Path:
        return self.root / "governance" / "governance.sqlite"

    @property
    def dashboard(self) -> Path:
        """The dashboard's own secrets."""
        return self.root / "dashboard"

    @property
    def demonstration(self) -> bool:
        return (self.root / DEMONSTRATION_MARK).exists()

    def prepare(self) -> "StateFolder":
        """Make the folders, 0700.

        Raises:
            FairgateError: the folder cannot be made or written, or is somebody else's.
        """
        self._refuse_foreign()
        _make_private(self.root)
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise _unusable(self.root, "no right to write")
        if self.root.stat().st_mode & 0o077:
            self.root.chmod(0o700)
        for folder in (
            self.gateway,
            self.ca,
            self.spool,
            self.identity.parent,
            self.keys,
            self.snapshot.parent,
            self.lists,
            self.store_socket.parent,
            self.governance.parent,
            self.dashboard,
        ):
            _make_private(folder)
        return self

    def _refuse_foreign(self) -> None:
        """A typing slip such as `--state /tmp` must not close another folder to everyone else."""
        if not self.root.is_dir() or self.settings.exists():
            return
        strange = sorted(entry.name for entry in self.root.iterdir() if entry.name not in _OURS)
        if strange:
            raise FairgateError(
                f"The folder {self.root} holds other things ({strange[0]}, ...) and no fairgate.toml. "
                "Choose an empty or new folder with --state."
            )

    def lock(self, process: str) -> IO[str]:
        """Hold the one-instance lock of `process` ("gateway", "store", ...) until the returned file is closed.

        Raises:
            FairgateError: another instance holds it, or it cannot be opened.
        """
        path = self.root / "run" / f"{process}.lock"
        try:
            # No link is followed: root may be the one who locks, in a folder that the gateway's account writes.
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        except OSError as fault:
            raise FairgateError(
                f"The lock {path} cannot be opened ({fault.strerror}). Run this as the account that owns "
                f"{self.root}; if the lock is a link or another account's, remove it."
            ) from fault
        handle = os.fdopen(number, "a+", encoding="utf-8")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            handle.close()
            raise FairgateError(
                f"Another fairgate {process} (process {owner}) is already running on {self.root}. "
                "Stop that one first, or give this one another --state folder."
            ) from held
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        return handle


def _make_private(folder: Path) -> None:
    """Make it, 0700. One that stands already is left alone: a hardened service may hide what it must not read."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise _unusable(folder, fault.strerror or "no reason given") from fault


def _unusable(folder: Path, why: str) -> FairgateError:
    return FairgateError(
        f"The state folder {folder} cannot be made or written ({why}). Choose a folder this account owns with --state."
    )
