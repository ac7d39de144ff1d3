"""`fairgate pins`: what is let through unopened for single devices, counted; and having it forgotten.

Owns their command line. Promises: no site is shown, because which apps somebody uses is as private as where they
browse; what is forgotten is on record.
"""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

pins_app = typer.Typer(no_args_is_help=True, help="What is let through unopened, as learnt for single devices.")

_State = Annotated[Path, typer.Option("--state", help="The school's state folder.", envvar="FAIRGATE_STATE")]
_DEFAULT_STATE = Path("fairgate-state")
_LONDON = ZoneInfo("Europe/London")


@pins_app.command("list")
def list_(state: _State = _DEFAULT_STATE) -> None:
    """Count what was learnt for each device, and name the devices that lack the school's certificate."""
    from analytics.bindings import IdentityReader, distrusting
    from config.state import StateFolder

    path = StateFolder(state).identity
    reader = IdentityReader(path)
    reader.close()
    pins, lacking = reader.now.pins, distrusting(path)
    for client, hosts in Counter(client for client, _ in pins).most_common():
        until = max(until for (each, _), until in pins.items() if each == client)
        typer.echo(f"{client}: {hosts} site{'' if hosts == 1 else 's'}, the last until {_when(until)}")
    for client, since in lacking.items():
        typer.echo(f"{client}: lacks the school's certificate, since {_when(since)}")
    if not pins and not lacking:
        typer.echo("Nothing is let through for a single device.")


@pins_app.command()
def forget(
    device: Annotated[str | None, typer.Argument(help="A device's id, or an address, as `list` shows it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Of all devices.")] = False,
    state: _State = _DEFAULT_STATE,
) -> None:
    """Open again what was let through for a device. Its apps may fail until it is learnt anew."""
    from analytics.bindings import IdentityReader
    from analytics.identity_socket import say
    from config.errors import FairgateError
    from config.state import StateFolder

    if bool(device) == everything:
        raise FairgateError("Name one device, or --all. `fairgate pins list` shows which there are.")
    folder = StateFolder(state)
    reader = IdentityReader(folder.identity)
    reader.close()
    before = sum(everything or client == device for client, _ in reader.now.pins)
    answer = say(folder.identity_socket, {"say": "forget_pins", "client": device or ""})
    if not answer.get("taken"):
        raise FairgateError(f"`fairgate identity` refused ({answer.get('why')}). Its log says more.")
    if not before:
        raise FairgateError("Nothing is let through there, so nothing was forgotten: see fairgate pins list.")
    typer.echo(f"Forgotten: {before} site{'' if before == 1 else 's'}. Opened again from now on.")


def _when(ts_ms: int) -> str:
    return f"{datetime.fromtimestamp(ts_ms / 1000, _LONDON):%d %B %Y, %H:%M}"
