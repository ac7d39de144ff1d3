"""Who acts at the command line: the account of the operating system, since nobody is signed in there.

Owns that one name. It goes into the audit log, so that a command is somebody's too.
"""

import os
import pwd


def operating_account() -> str:
    """The account that runs this process, such as "root"; "uid 1000" where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def at_command_line() -> str:
    """Who the audit log says acted, such as "os:root": no account of Fairgate's can be mistaken for it."""
    return f"os:{operating_account()}"
