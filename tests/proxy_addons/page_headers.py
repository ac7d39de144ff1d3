"""What a browser says of a page visit over plain HTTP: no Sec-Fetch headers, which it sends over HTTPS alone."""

from tests.proxy_addons.pipeline import CHROME

BROWSER = {"User-Agent": CHROME, "Accept": "text/html,application/xhtml+xml", "Upgrade-Insecure-Requests": "1"}
