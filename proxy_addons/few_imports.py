"""mitmproxy's package of addons, without loading all forty of them.

Owns one import: `mitmproxy.addons` loads every addon that mitmdump has, with a web framework, an LDAP client and a YAML
reader behind them, none of which a gateway uses. Promises: the addons that a gateway names load as ever, each from its
own file; where somebody loaded the whole package before (as mitmdump does), nothing changes.
"""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

PACKAGE: Final = "mitmproxy.addons"


def only_named_addons() -> bool:
    """Let `import mitmproxy.addons.X` load X alone, in this process; whether it now will. Must come before the first
    such import."""
    if PACKAGE in sys.modules:
        return False
    found = importlib.util.find_spec("mitmproxy")
    if found is None or not found.submodule_search_locations:
        return False
    # A package without an __init__ of its own: Python then looks for each addon's file in the folder.
    spec = ModuleSpec(PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(Path(place) / "addons") for place in found.submodule_search_locations]
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
    return True
