"""Merkle trees by RFC 9162 (Certificate Transparency v2), section 2.1, with SHA-256.

Owns root, inclusion proof and its check. A leaf here is already hashed (analytics.canonical.leaf_hash).
Promises: one event can be proven to be in a segment while nothing is disclosed of the others but hashes.
"""

import hashlib
from collections.abc import Iterable, Sequence

_NODE_PREFIX = b"\x01"
EMPTY_ROOT = hashlib.sha256().digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(_NODE_PREFIX + left + right).digest()


class RunningRoot:
    """The root of leaves added one by one, in memory of the order of log2(leaves)."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.count = 0
        # One subtree root for each 1-bit of `count`, largest subtree first.
        self._subtrees: list[bytes] = []
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        """Append a leaf hash (32 bytes)."""
        bits = self.count
        while bits & 1:
            leaf = node_hash(self._subtrees.pop(), leaf)
            bits >>= 1
        self._subtrees.append(leaf)
        self.count += 1

    def root(self) -> bytes:
        """The root of all leaves so far; SHA-256 of nothing where there is none."""
        if not self._subtrees:
            return EMPTY_ROOT
        root = self._subtrees[-1]
        for left in reversed(self._subtrees[:-1]):
            root = node_hash(left, root)
        return root


class MerkleTree:
    """The whole tree of a closed segment, for many proofs from it."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            self._levels.append(_level_above(self._levels[-1]))

    @property
    def root(self) -> bytes:
        """As `RunningRoot.root`."""
        return self._levels[-1][0] if self._levels[-1] else EMPTY_ROOT

    def proof(self, index: int) -> list[bytes]:
        """The inclusion path of leaf `index`, nearest sibling first (RFC 9162, 2.1.3.1).

        Raises:
            IndexError: there is no such leaf.
        """
        if not 0 <= index < len(self._levels[0]):
            raise IndexError(f"The tree has {len(self._levels[0])} leaves; there is no leaf {index}.")
        path = []
        for level in self._levels[:-1]:
            # The last node of an odd level has no sibling there: it is carried up as it is.
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index >>= 1
        return path


def includes(root: bytes, count: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that `leaf` is leaf `index` of the `count` under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < count:
        return False
    at, last, computed = index, count - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            computed = node_hash(sibling, computed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and computed == root


def _level_above(level: list[bytes]) -> list[bytes]:
    above = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return above + level[-1:] if len(level) & 1 else above
