"""A command at the command line is somebody's: the operating system's account."""

import os
import pwd

import pytest

from analytics.governance.operating_account import at_command_line, operating_account


def test_the_account_is_the_one_that_runs_this() -> None:
    assert pwd.getpwnam(operating_account()).pw_uid == os.getuid()
    assert at_command_line() == f"os:{operating_account()}"


def test_an_account_without_a_name_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_001)
    assert operating_account() == "uid 4000000001"
