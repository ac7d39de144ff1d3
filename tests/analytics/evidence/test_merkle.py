"""RFC 9162 trees."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.evidence.merkle import EMPTY_ROOT, MerkleTree, RunningRoot, includes

leaves = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def by_definition(hashes: list[bytes]) -> bytes:
    """MTH as RFC 9162 2.1.1 states it: split at the largest power of two below the count."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + by_definition(hashes[:split]) + by_definition(hashes[split:])).digest()


@given(leaves)
def test_the_running_root_and_the_tree_agree_with_the_definition(hashes: list[bytes]) -> None:
    assert RunningRoot(hashes).root() == MerkleTree(hashes).root == by_definition(hashes)


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    assert MerkleTree([]).root == RunningRoot().root() == EMPTY_ROOT


def test_the_published_vectors_of_certificate_transparency() -> None:
    """The reference tree of the RFC 6962 implementations."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashes = [hashlib.sha256(b"\x00" + bytes.fromhex(data)).digest() for data in inputs]
    roots = [RunningRoot(hashes[:count]).root().hex() for count in (1, 2, 3, 8)]
    assert roots == [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]


@given(leaves.filter(bool), st.data())
def test_every_leaf_is_proven_and_only_where_it_stands(hashes: list[bytes], draw: st.DataObject) -> None:
    tree = MerkleTree(hashes)
    index = draw.draw(st.integers(0, len(hashes) - 1))
    path = tree.proof(index)
    assert includes(tree.root, len(hashes), index, hashes[index], path)
    other = draw.draw(st.integers(-1, len(hashes) + 1))
    if other != index and not (
        0 <= other < len(hashes) and tree.proof(other) == path and hashes[other] == hashes[index]
    ):
        assert not includes(tree.root, len(hashes), other, hashes[index], path)


@given(leaves.filter(bool), st.data())
def test_a_changed_proof_proves_nothing(hashes: list[bytes], draw: st.DataObject) -> None:
    tree = MerkleTree(hashes)
    index = draw.draw(st.integers(0, len(hashes) - 1))
    path, wrong = tree.proof(index), bytes(32)
    assert not includes(tree.root, len(hashes), index, wrong, path) or hashes[index] == wrong
    assert not includes(tree.root, len(hashes), index, hashes[index], [*path, wrong])
    if path:
        assert not includes(tree.root, len(hashes), index, hashes[index], path[:-1])
        assert not includes(tree.root, len(hashes), index, hashes[index], [hashlib.sha256(path[0]).digest(), *path[1:]])


def test_there_is_no_proof_of_a_leaf_that_is_not_there() -> None:
    with pytest.raises(IndexError, match="no leaf 3"):
        MerkleTree([bytes(32)] * 3).proof(3)
