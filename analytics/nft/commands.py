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


@nft_app.command()
def show(state: _State = _DEFAULT_STATE) -> None:
    """Print the rules that `up` would load, and change nothing."""
    from analytics.nft.by_hand import table

    typer.echo(table(*_opened(state)), nl=False)


@nft_app.command()
def up(state: _State = _DEFAULT_STATE) -> None:
    """Load the rules: staff devices by their fixed addresses. `follow` adds leases and sign-ins, and keeps watch."""
    from analytics.nft.by_hand import up as load_rules

    load_rules(*_opened(state))
    typer.echo("The rules are loaded. `fairgate nft follow` keeps them in line; `fairgate nft down` removes them.")


@nft_app.command()
def down(state: _State = _DEFAULT_STATE) -> None:
    """Remove our rules, and nothing else; devices then go past the gateway, and that is recorded as a gap."""
    from analytics.nft.by_hand import down as remove_rules

    remove_rules(_opened(state)[1])
    typer.echo("The rules are removed. Nothing of any device is redirected or refused any more.")


@nft_app.command()
def follow(state: _State = _DEFAULT_STATE) -> None:
    """Load the rules and keep them in line with who is enrolled and which workers listen, until stopped."""
    from analytics.nft.follow import follow as run

    run(*_opened(state))


def _opened(state: Path) -> tuple[Settings, StateFolder]:
    folder = StateFolder(state)
    return load_settings(folder.settings), folder
