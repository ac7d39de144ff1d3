"""The portal's pages as HTML: whole in themselves, without scripts, for any screen, light or dark, and for paper.

Owns the templates and their style. Promises: whatever is put into a page is escaped; nothing is fetched from anywhere.
"""

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any, Final

from tornado.template import Loader

from analytics.portal.route import Answering

SEEN_SECONDS: Final = 0.6
"""Until every worker of the gateway has seen what changed: each looks four times a second."""
_HERE: Final = Path(__file__).parent
STYLE: Final = (_HERE / "style.css").read_text("utf-8")
_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
_PAGES: Final = Loader(str(_HERE / "templates"))


class Page(Answering):
    """Answers with a page."""

    # No form-action: browsers hold the way on after a form to it, and that leads to wherever somebody was going.
    content_security_policy = (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; frame-ancestors 'none'; base-uri 'none'"
    )

    def page(self, template: str, *, title: str, status: int = 200, **shown: Any) -> None:
        """Finish with a page."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        school = self.identity.settings.school_name
        self.finish(_PAGES.load(template).generate(title=title, school=school, style=STYLE, **shown))

    def message(self, title: str, *paragraphs: str, go_on: str = "", status: int = 200) -> None:
        """Finish with a few sentences."""
        self.page("message.html", title=title, paragraphs=paragraphs, go_on=go_on, status=status)

    async def seen_by_workers(self) -> None:
        """Wait until what was just written down holds at the gateway, before anybody goes on."""
        await asyncio.sleep(SEEN_SECONDS)

    @property
    def reached(self) -> str:
        """The address of this machine by which it was reached, as the client named it or else as the socket has it."""
        stream = getattr(self.request.connection, "stream", None)
        found = stream.socket.getsockname()[0] if stream is not None else "127.0.0.1"
        return str(found).partition("%")[0].removeprefix("::ffff:")
