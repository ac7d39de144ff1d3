"""What is said while it works."""

import pytest

from analytics.demonstration.narration import Narration


def test_it_is_said_on_standard_error_alone_and_plainly_where_nobody_watches(
    capsys: pytest.CaptureFixture[str],
) -> None:
    narration = Narration()
    with narration.step("Loading"):
        narration.say("a [b] c")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Loading ...\na [b] c\n"
