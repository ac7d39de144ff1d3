"""Addons for mitmproxy: flow in, event out. The only package that imports mitmproxy."""

from proxy_addons.few_imports import only_named_addons

# Here, since mitmproxy's own modules import its addons too: it must come before the first of them.
only_named_addons()
