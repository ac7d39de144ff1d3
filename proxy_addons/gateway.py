"""The gateway under stock mitmproxy: `FAIRGATE_STATE=DIR mitmdump -q -p PORT -s proxy_addons/gateway.py`.

Owns nothing: it assembles the same addons as `fairgate gateway` for the state folder that FAIRGATE_STATE names.
mitmdump loads it by path, after it opened the port its command line names (`--mode`, `-p`): for trying things out and
for measuring, not for a school. Import proxy_addons.assembly instead of this.
"""

import os
from pathlib import Path

from config.errors import ConfigError
from config.settings import load_settings
from config.state import StateFolder
from proxy_addons.assembly import assemble

_named = os.environ.get("FAIRGATE_STATE")
if not _named:
    raise ConfigError("Set FAIRGATE_STATE to the state folder, such as FAIRGATE_STATE=./fairgate-state.")
_state = StateFolder(Path(_named).resolve())

addons = assemble(load_settings(_state.settings), _state).pipeline
