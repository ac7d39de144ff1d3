"""What the gateway holds in memory stays there.

Owns what the process forbids itself and others: core dumps, the reading of its memory by other processes of its
account, and the writing of TLS secrets, which mitmproxy does where an environment variable asks for it. Promises: once
`close_memory` returned no crash writes down what passed through, whatever limits the parent process set. root can still
read it.
"""

import ctypes
import resource
import sys
from typing import Final

from mitmproxy.net import tls

from config.errors import FairgateError

_PR_SET_DUMPABLE: Final = 4


def close_memory() -> None:
    """Close this process's memory, for good.

    Raises:
        FairgateError: the system refused.
    """
    # The hard limit too: nothing can raise it again.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # SSLKEYLOGFILE: with those keys, a copy of the wire is as good as the pages.
    tls.log_master_secret = None
    # A dump handed to a program (core_pattern "|...") heeds no limit, but this; so does /proc/<pid>/mem.
    if sys.platform == "linux" and ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise FairgateError(
            "The system did not let the gateway close its memory (PR_SET_DUMPABLE), so a crash could write down what "
            "was visited. Allow this account the prctl system call, or leave the sandbox that refuses it."
        )
