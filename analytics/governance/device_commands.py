"""`fairgate devices`: a school enters its devices, and whose they are.

Owns their command line. Promises: a command that is refused has changed nothing; what was changed reaches the gateway
only with `fairgate publish`, and each command says so.
"""

from pathlib import Path
from typing import Annotated, Final

import typer

from analytics.governance.command_words import HAND_OVER, one_of, table, tell

devices_app = typer.Typer(
    no_args_is_help=True, help="The school's devices, and whose they are: enter, import, list, assign, give back."
)

_State = Annotated[Path, typer.Option("--state", help="The school's state folder.", envvar="FAIRGATE_STATE")]
_Device = Annotated[str, typer.Argument(help="Its id, as fairgate devices list shows it.")]
_DEFAULT_STATE: Final = Path("fairgate-state")


@devices_app.command("add")
def add_device(
    kind: Annotated[str, typer.Option("--class", help="staff, shared, pupil, guest or personal.")],
    address: Annotated[list[str] | None, typer.Option(help="A fixed IP address; once for each that it has.")] = None,
    mac: Annotated[list[str] | None, typer.Option(help="A hardware (MAC) address; once for each.")] = None,
    hostname: Annotated[
        list[str] | None, typer.Option(help="The name by which it asks for a lease. Less sure: it can be made up.")
    ] = None,
    label: Annotated[str, typer.Option(help="What the school calls it.")] = "",
    person: Annotated[str | None, typer.Option(help="The id of whose it is; staff devices only.")] = None,
    state: _State = _DEFAULT_STATE,
) -> None:
    """Enter a device by its addresses, hardware addresses or names, and whose it is. Prints its id."""
    from analytics.governance.enrolment import opened_school
    from analytics.snapshot import DeviceClass

    device_class = DeviceClass(one_of("--class", kind, DeviceClass))
    with opened_school(state) as school:
        device_id = school.governance.devices.add(
            device_class,
            address or (),
            macs=mac or (),
            hostnames=hostname or (),
            label=label,
            person_id=person,
            by=school.by,
        )
    tell([device_id, HAND_OVER])


@devices_app.command("import")
def import_devices(
    file: Annotated[Path, typer.Argument(help="CSV with the header class,addresses,macs,hostnames,label,person.")],
    state: _State = _DEFAULT_STATE,
) -> None:
    """Enter every device in a CSV file, or, where a row is bad, none."""
    from analytics.governance.devices_file import read_devices
    from analytics.governance.enrolment import opened_school

    with opened_school(state) as school:
        people = {person.person_id for person in school.governance.people.all()}
        ids = school.governance.devices.add_all(read_devices(file, people), by=school.by)
    tell([*ids, HAND_OVER])


@devices_app.command("list")
def list_devices(state: _State = _DEFAULT_STATE) -> None:
    """Show every device, and whose it is."""
    from analytics.governance.enrolment import device_rows, opened_school

    with opened_school(state) as school:
        devices = device_rows(school)
    if not devices:
        typer.echo("No device is entered yet. Enter one: fairgate devices add.")
        return
    table(("id", "class", "addresses", "hardware", "names", "label", "whose"), devices)


@devices_app.command("assign")
def assign_device(
    device: _Device,
    person: Annotated[str, typer.Option(help="The id of whose it is from now on; staff devices only.")],
    state: _State = _DEFAULT_STATE,
) -> None:
    """A device changes hands: it is this person's from now on. What was recorded stays as it is."""
    from analytics.governance.enrolment import opened_school

    with opened_school(state) as school:
        school.governance.devices.assign(device, person, by=school.by)
    tell([f"{device} is {person}'s from now on.", HAND_OVER])


@devices_app.command("give-back")
def give_back_device(device: _Device, state: _State = _DEFAULT_STATE) -> None:
    """A device is nobody's from now on."""
    from analytics.governance.enrolment import opened_school

    with opened_school(state) as school:
        school.governance.devices.give_back(device, by=school.by)
    tell([f"{device} is nobody's from now on.", HAND_OVER])


@devices_app.command("token")
def make_token(device: _Device, state: _State = _DEFAULT_STATE) -> None:
    """Make the token that this device's logon script shows; any before it ends. It is shown this once."""
    from analytics.governance.enrolment import opened_school

    with opened_school(state) as school:
        token = school.governance.devices.new_token(device, by=school.by)
    tell([token, HAND_OVER])
