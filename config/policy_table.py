"""What every table of a policy file has in common.

Owns the strictness of the tables (no unknown key, no value of another type) and that a decision says why and by whom.
"""

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

type Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3)]

IF_MISSING: Final = f"A policy needs every file: copy it from {Path(__file__).parent / 'school'} and change the copy."


class Table(BaseModel):
    """A table that holds its own keys and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Reasoned(Table):
    """A table that decides something."""

    why: Sentence
    author: Sentence
