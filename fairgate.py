"""The front door: the `fairgate` command.

Owns the command line and nothing else. Each command imports its package only when it is called, so that
`fairgate --help` is instant and the gateway never loads what only the server needs.
Promises: a fault a person can mend is printed as its sentence, without a traceback, and ends with exit status 2.
"""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.governance.commands import NEXT_STEPS, people_app, told
from analytics.governance.device_commands import devices_app
from analytics.identity_commands import identity_app
from analytics.lists.commands import lists_app
from analytics.nft.commands import nft_app
from analytics.pin_commands import pins_app
from config.errors import FairgateError
from config.settings import Settings, load_settings
from config.state import StateFolder

if TYPE_CHECKING:
    from analytics.lists.listed import ListsInForce
    from config.policy import Policy

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Fair, provable monitoring of staff web use on a school's own equipment.",
)
app.add_typer(lists_app, name="lists")
app.add_typer(people_app, name="people")
app.add_typer(devices_app, name="devices")
app.add_typer(identity_app, name="identity")
app.add_typer(nft_app, name="nft")
app.add_typer(pins_app, name="pins")
app.command()(told)

State = Annotated[Path, typer.Option("--state", help="The school's state folder.", envvar="FAIRGATE_STATE")]
OfSchool = Annotated[
    Path | None, typer.Option("--state", help="Judge by this school's policy and its imported lists in force.")
]
DEFAULT_STATE = Path("fairgate-state")


@app.command()
def demo(
    state: Annotated[Path, typer.Option("--state", help="The demonstration's own folder.")] = Path("demo-state"),
    once: Annotated[bool, typer.Option("--once", help="Play the traffic, check it, write a bundle, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
    gateway_port: Annotated[int | None, typer.Option(help="Port of the proxy [default: 8080 or the next free]")] = None,
    dashboard_port: Annotated[int | None, typer.Option(help="Port of the pages [default: 8050 or next free]")] = None,
) -> None:
    """Show the whole of Fairgate on a demonstration school, with real proxied traffic."""
    from analytics.demonstration.run import run_demo

    raise typer.Exit(
        run_demo(state, once=once, as_json=as_json, gateway_port=gateway_port, dashboard_port=dashboard_port)
    )


@app.command()
def init(
    school: Annotated[str, typer.Option(help="Short key on every record, such as oakfield. It can never change.")],
    school_name: Annotated[str, typer.Option(help="The school's name as reports print it.")],
    headteacher: Annotated[str, typer.Option(help="The Headteacher's full name.")],
    chair: Annotated[str, typer.Option(help="The Chair of Governors' full name.")],
    technician: Annotated[str, typer.Option(help="The technician's full name.")],
    state: State = DEFAULT_STATE,
) -> None:
    """Set a real school up: settings, governance, and the first three sign-ins (three different people)."""
    from analytics.governance.setup import init_school

    for line in init_school(
        StateFolder(state),
        school,
        school_name,
        headteacher=headteacher,
        chair=chair,
        technician=technician,
    ):
        typer.echo(line)
    for step in NEXT_STEPS:
        typer.echo(step)


@app.command()
def publish(state: State = DEFAULT_STATE) -> None:
    """Hand people's decisions to the gateway: write the snapshot it reads."""
    from analytics.governance.publish import publish_school

    settings, folder = _opened(state)
    typer.echo(publish_school(settings, folder))


@app.command("staff-sign-in")
def staff_sign_in(
    person: Annotated[str, typer.Option(help="The person's id, as in the address of their page.")],
    username: Annotated[str, typer.Option(help="What they will sign in as.")],
    state: State = DEFAULT_STATE,
) -> None:
    """Let a member of staff sign in to see what they are permitted, and to ask for more."""
    from analytics.governance import Governance
    from analytics.governance.setup import open_staff_sign_in

    _, folder = _opened(state)
    governance = Governance(folder.governance)
    try:
        password = open_staff_sign_in(governance, person, username)
    finally:
        governance.close()
    typer.echo(f"They sign in as {username} with the one-time password {password}")


@app.command()
def gateway(
    state: State = DEFAULT_STATE,
    worker: Annotated[int | None, typer.Option(hidden=True, help="Run this one worker.")] = None,
    beat: Annotated[int | None, typer.Option(hidden=True, help="Pipe to the supervisor.")] = None,
) -> None:
    """Run the gateway: the proxy that records what staff choose to visit."""
    if worker is None:
        from proxy_addons.supervise import supervise

        raise typer.Exit(supervise(*_opened(state)))
    from proxy_addons.run import run_gateway

    run_gateway(*_opened(state), worker=worker, beat=beat)


@app.command("dhcp-option")
def dhcp_option(state: State = DEFAULT_STATE) -> None:
    """Print the lines by which a DHCP server (dnsmasq, Kea) names the notice page to devices (RFC 8910)."""
    from analytics.portal.captive import dhcp_lines

    settings, _ = _opened(state)
    for line in dhcp_lines(settings.identity):
        typer.echo(line)


@app.command()
def store(state: State = DEFAULT_STATE) -> None:
    """Run the store and its loader."""
    from analytics.daemon import serve

    serve(*_opened(state))


@app.command()
def dashboard(state: State = DEFAULT_STATE) -> None:
    """Run the pages that the Headteacher and the Chair see."""
    from dashboard.serve import serve

    serve(*_opened(state))


@app.command()
def judge(
    urls: Annotated[list[str], typer.Argument(help="Addresses to judge; - reads one a line from standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    policy: Annotated[Path | None, typer.Option(help="Folder of the school's policy files.")] = None,
    state: OfSchool = None,
) -> None:
    """Say how the school's policy judges an address, and why, in one sentence."""
    from analytics.judging import judge_urls

    loaded, lists = _judging(policy, state)
    raise typer.Exit(judge_urls(urls, loaded, as_json=as_json, out=sys.stdout, lists=lists))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A HAR recording, as a browser's developer tools save it.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line: entries, then visits.")] = False,
    policy: Annotated[Path | None, typer.Option(help="Folder of the school's policy files.")] = None,
    state: OfSchool = None,
) -> None:
    """Show what a recording of your own browsing would become: visits, what pages fetched, and why. Records nothing."""
    from analytics.categorise import Judge
    from analytics.replaying import replay_file

    replay_file(file, Judge(*_judging(policy, state)), as_json=as_json, out=sys.stdout)


@app.command()
def rejudge(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day, London time.")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day [default: today]")] = None,
    policy: Annotated[Path | None, typer.Option(help="Folder of a policy to try [default: the school's own]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="Name the school's own rules that decide: sites.")] = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Say what the policy now, or another, would say of what was recorded. Changes nothing, names nobody."""
    from analytics.rejudge import rejudge as judge_again

    last = until.date() if until else None
    judge_again(*_opened(state), since.date(), last, sys.stdout, policy=policy, as_json=as_json, rules=rules)


@app.command()
def report(
    person: Annotated[str, typer.Option(help="The person's id, as in the address of their page.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, London time.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")],
    out: Annotated[Path, typer.Option(help="Where to write the bundle, such as report.zip.")],
    state: State = DEFAULT_STATE,
) -> None:
    """Write one person's signed report with its proofs. Demonstration schools only, until approvals exist."""
    from analytics.evidence.export import export_report

    settings, folder = _opened(state)
    export_report(settings, folder, person, first.date(), last.date(), out)
    typer.echo(f"Written: {out}. Check it with: fairgate verify {out}")


@app.command(context_settings={"ignore_unknown_options": True})
def verify(
    arguments: Annotated[list[str], typer.Argument(help="FILE.zip, and --head HEX to compare with the Chair's copy.")],
) -> None:
    """Check a bundle offline; say exactly what is wrong if anything is."""
    from analytics.evidence.verify import main as verify_main

    raise typer.Exit(verify_main(arguments))


@app.command()
def health(
    process: Annotated[str, typer.Argument(help="gateway, identity, nft, store or dashboard.")],
    state: State = DEFAULT_STATE,
) -> None:
    """Say whether a process is up; exit status 1 where it is not."""
    from config.health import check

    fault = check(StateFolder(state), process)
    typer.echo(fault or f"The {process} is running.")
    raise typer.Exit(1 if fault else 0)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False, state: State = DEFAULT_STATE
) -> None:
    """Say what a technician must mend, and how; exit status 1 where anything must be. Changes nothing, names nobody."""
    from analytics.doctor.examine import examine

    raise typer.Exit(examine(StateFolder(state), as_json=as_json, out=sys.stdout))


def main() -> None:
    """Run the command line; explain any fault in a sentence."""
    try:
        app()
    except FairgateError as fault:
        typer.echo(f"fairgate: {fault}", err=True)
        sys.exit(2)


def _judging(policy: Path | None, state: Path | None) -> "tuple[Policy, ListsInForce | None]":
    """The policy in the folder `policy`, else the school's in `state`, else the one that comes with Fairgate; and the
    lists that the school has in force."""
    from analytics.lists.listed import lists_in_force
    from config.policy import load_policy

    settings = load_settings(StateFolder(state).settings) if state else None
    loaded = load_policy(policy or (settings.policy if settings else None))
    return loaded, lists_in_force(StateFolder(state).lists, loaded) if state else None


def _opened(state: Path) -> tuple[Settings, StateFolder]:
    folder = StateFolder(state)
    settings = load_settings(folder.settings)
    return settings, folder.prepare()


if __name__ == "__main__":
    main()
