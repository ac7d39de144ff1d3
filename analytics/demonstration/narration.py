"""What the demonstration says while it works: on standard error, lively on a terminal and plain elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Narration:
    """Sentences and steps. Standard output stays free for the one JSON object."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, text: str = "") -> None:
        """One sentence, printed as it is."""
        self._console.print(text, markup=False)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Something that takes a while."""
        if not self._console.is_terminal:
            self.say(f"{doing} ...")
            yield
            return
        with self._console.status(f"{doing} ..."):
            yield
        self.say(f"{doing}: done")
