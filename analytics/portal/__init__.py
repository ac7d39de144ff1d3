"""What the gateway itself answers over HTTP: the notice page, sign-in, the captive-portal API, the logon hook.

One server with two ports (`server.PortalServer`): plain HTTP for devices that do not trust the school's authority yet,
and HTTPS for everything with a password or a token. Each module contributes its pages by a function `routes`.
"""
