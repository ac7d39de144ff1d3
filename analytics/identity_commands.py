"""`fairgate identity`: run what knows who is where, or show what it knows.

Owns the command line. Promises: what is shown is for the technician: addresses, devices, how and since when they are
known, and whether somebody of the staff is signed in there; never who.
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from analytics.bindings import Binding

identity_app = typer.Typer(invoke_without_command=True, help="Run what knows who is where, or show what it knows.")

_State = Annotated[Path, typer.Option("--state", help="The school's state folder.", envvar="FAIRGATE_STATE")]
_DEFAULT_STATE: Final = Path("fairgate-state")


@identity_app.callback()
def run(context: typer.Context, state: _State = _DEFAULT_STATE) -> None:
    """Run what knows who is where: sign-ins, leases, the notice page."""
    if context.invoked_subcommand is None:
        from analytics.identifying import serve
        from config.settings import load_settings
        from config.state import StateFolder

        folder = StateFolder(state)
        settings = load_settings(folder.settings)
        serve(settings, folder.prepare())


@identity_app.command()
def show(state: _State = _DEFAULT_STATE) -> None:
    """Show which devices are where, and whether somebody is signed in at them. Names nobody."""
    import time

    from analytics.bindings import IdentityReader
    from config.state import StateFolder

    reader = IdentityReader(StateFolder(state).identity)
    now = time.time_ns() // 1_000_000
    holding = [binding for binding in reader.now.bindings if binding.holds(now)]
    reader.close()
    for line in shown(holding):
        typer.echo(line)


def shown(holding: "list[Binding]") -> list[str]:
    """What holds, in lines: how many by each source, then one line each."""
    if not holding:
        return ["Nothing is known of who is where. Is fairgate identity running, and does any source find anything?"]
    counts = Counter(str(binding.source) for binding in holding)
    lines = [", ".join(f"{source}: {count}" for source, count in sorted(counts.items()))]
    for binding in sorted(holding, key=lambda each: (each.device_id, each.client_ip, each.from_ms)):
        since = datetime.fromtimestamp(binding.from_ms // 1000, UTC)
        lines.append(
            f"{binding.device_id or 'no device of the school'}  {binding.client_ip or '-'}  by {binding.source}  "
            f"since {since:%Y-%m-%d %H:%M:%S} UTC  {_whether(binding)}"
        )
    return lines


def _whether(binding: "Binding") -> str:
    if not binding.signed_in:
        return "device only"
    return "somebody of the staff is signed in" if binding.person_id else "somebody else is signed in"
