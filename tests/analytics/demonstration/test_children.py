"""The demonstration's child processes: here ones that cannot start."""

from pathlib import Path

import pytest

from analytics.demonstration.children import Children
from config.errors import FairgateError
from config.state import StateFolder


def children(tmp_path: Path) -> Children:
    state = StateFolder(tmp_path / "state").prepare()
    return Children(state, tmp_path)


@pytest.mark.slow
def test_a_child_that_does_not_start_is_explained_by_its_log(tmp_path: Path) -> None:
    started = children(tmp_path)
    started.start("gateway")
    with pytest.raises(FairgateError, match=r"(?s)The gateway ended.*fairgate\.toml does not exist"):
        started.wait_ready("gateway")
    started.stop_all()


def test_a_child_that_ended_is_noticed(tmp_path: Path) -> None:
    started = children(tmp_path)
    started.check()
    started.stop("gateway")
    started.start("no-such-command")
    with pytest.raises(FairgateError, match="no-such-command ended"):
        started.wait_ready("no-such-command")
    started.stop_all()
