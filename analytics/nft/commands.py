"""`fairgate nft`: the commands that put the gateway in line, and take it out again.

Owns their command line.
"""

from pathlib import Path
from typing import Annotated

import typer

from config.settings import Settings, load_settings
from config.state import StateFolder

nft_app = typer.Typer(no_args_is_help=True, help="Transparent mode: the firewall rules that put the gateway in line.")

_State = Annotated[Path, typer.Option("--state", help="The school's state folder.", envvar="FAIRGATE_STATE")]
_DEFAULT_STATE = Path("fairgate-state")
