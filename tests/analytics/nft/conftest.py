"""A kernel's rules to play with, shared by a file's tests."""

from collections.abc import Iterator

import pytest

from tests.analytics.nft.one_namespace import one_namespace


@pytest.fixture(scope="module")
def kernel() -> Iterator[str]:
    """A network namespace's name."""
    with one_namespace() as name:
        yield name
