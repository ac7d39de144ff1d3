"""mitmproxy is imported here first, where the warnings of libraries it brings along are not ours to mend."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import mitmproxy.addons  # noqa: F401
