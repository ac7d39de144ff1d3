"""`fairgate lists`: the commands with which a school takes in lists that others publish.

Owns their command line. Promises: only `apply`, `rollback` and `--apply` change what is in force, and the gateway
follows within a second; only `update` fetches anything.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

lists_app = typer.Typer(no_args_is_help=True, help="Lists of sites that others publish: import, compare, apply.")

_State = Annotated[Path, typer.Option("--state", help="The school's state folder.", envvar="FAIRGATE_STATE")]
_Apply = Annotated[bool, typer.Option("--apply", help="Put it in force at once, after showing what changes.")]
_DEFAULT_STATE = Path("fairgate-state")
_FORMATS = ("ut1", "hosts", "adblock", "plain", "csv")


@lists_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The list: a file, a tar or tar.gz archive, or a folder.")],
    key: Annotated[str, typer.Option("--list", help="Which list of lists.toml it is.")],
    form: Annotated[
        str | None, typer.Option("--format", help=f"{', '.join(_FORMATS)} [default: of lists.toml]")
    ] = None,
    category: Annotated[str | None, typer.Option(help="Our category of all in it [default: of lists.toml]")] = None,
    apply: _Apply = False,
    state: _State = _DEFAULT_STATE,
) -> None:
    """Read a list from a file, show what would change, and let it wait."""
    from analytics.lists.importing import import_file, opened_shelf
    from analytics.lists.wording import told_of_import

    form_known = _known_format(form)
    policy, folder = _opened(state)
    with opened_shelf(folder) as shelf:
        _tell(told_of_import(import_file(shelf, policy, key, file, form_known, category), policy))
        _finish(shelf, apply=apply)


@lists_app.command()
def update(
    key: Annotated[str | None, typer.Argument(help="Which list of lists.toml [default: all with an address]")] = None,
    apply: _Apply = False,
    state: _State = _DEFAULT_STATE,
) -> None:
    """Fetch lists from where lists.toml says, show what would change, and let them wait."""
    from analytics.lists.importing import opened_shelf, update_list
    from analytics.lists.wording import told_of_import

    policy, folder = _opened(state)
    keys = [key] if key else [each for each, source in policy.list_sources.items() if source.address]
    with opened_shelf(folder) as shelf:
        changed = False
        for each in keys:
            imported = update_list(shelf, policy, each)
            _tell(told_of_import(imported, policy) if imported else [f"{each}: unchanged since it was last fetched."])
            changed |= imported is not None
        if changed or (apply and shelf.waiting_path.exists()):
            _finish(shelf, apply=apply)


@lists_app.command()
def apply(state: _State = _DEFAULT_STATE) -> None:
    """Put the lists that wait in force."""
    from analytics.lists.importing import opened_shelf

    _, folder = _opened(state)
    with opened_shelf(folder) as shelf:
        _finish(shelf, apply=True)


@lists_app.command()
def show(state: _State = _DEFAULT_STATE) -> None:
    """Say which lists are in force, how old they are, and what they count."""
    import time

    from analytics.lists.shelf import Shelf
    from analytics.lists.wording import told_of_shelf

    policy, folder = _opened(state)
    _tell(told_of_shelf(Shelf(folder.lists), policy, time.time_ns() // 1_000_000))


@lists_app.command()
def rollback(state: _State = _DEFAULT_STATE) -> None:
    """Put the lists before these in force again; before the first, none were."""
    from analytics.lists.importing import opened_shelf

    _, folder = _opened(state)
    with opened_shelf(folder) as shelf:
        compiled = shelf.roll_back()
        if compiled is None:
            _tell(["Those were the first. Now no imported lists are in force, as before them."])
        else:
            _tell([f"In force again: version {compiled.version}, {compiled.domains:,} domains."])


def _finish(shelf: Any, *, apply: bool) -> None:
    if apply:
        compiled = shelf.apply()
        _tell([f"In force: version {compiled.version}, {compiled.domains:,} domains."])
    else:
        _tell(["It waits. Put it in force: fairgate lists apply."])


def _known_format(form: str | None) -> Any:
    from config.errors import ConfigError

    if form is not None and form not in _FORMATS:
        raise ConfigError(f"--format: found {form!r}; allowed: {', '.join(_FORMATS)}.")
    return form


def _opened(state: Path) -> tuple[Any, Any]:
    """The policy and the state folder of the school."""
    from config.policy import load_policy
    from config.settings import load_settings
    from config.state import StateFolder

    folder = StateFolder(state)
    settings = load_settings(folder.settings)
    return load_policy(settings.policy), folder.prepare()


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
