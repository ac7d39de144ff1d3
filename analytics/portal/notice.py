"""The notice page: what the school tells its staff, and the button with which somebody says that they were told.

Owns what the page shows to whom, and what its buttons do. Promises: it names nobody; what is written down is that the
person was told, by the version that they saw, once; only whoever was shown the page can send it; "I am not this person"
writes nothing down; after it they go on to where they were going, and to no other place.
"""

from collections.abc import Sequence
from typing import Any, Final

from analytics.carried import VOUCHED, Carried
from analytics.notice_due import Due
from analytics.portal.form_token import FormTokens
from analytics.portal.notice_text import NoticeText
from analytics.portal.pages import Page
from analytics.portal.route import Route
from analytics.portal.whose import Reader, Whose
from analytics.portal_place import ABOUT, NOTICE, SIGN_IN, PortalPlace
from analytics.sources.source import Identity, now_ms
from config.policy import Notice

_TOLD, _NOT_ME = "told", "not_me"
_AGAIN: Final = (
    "Nothing was noted: this page had been open for too long, or somebody else uses this computer now. Please read it "
    "and answer again."
)
_CHANGING: Final = "The school is just changing its notice. Please come back a little later."
_WHY: Final = {
    Due.FIRST: "Please read this before you go on. ",
    Due.CHANGED: "The school’s notice has changed since you were told. Please read it again. ",
    Due.REMINDER: "This is the reminder for this term. ",
}
_MEANWHILE: Final = {
    Due.FIRST: "Until you answer, nothing of what you do is recorded.",
    Due.CHANGED: "What is recorded until then is marked as told of the earlier notice.",
    Due.REMINDER: "",
}
_DEVICE: Final = "It is for the member of staff to whom this computer belongs."
_SIGNED_IN: Final = "It is for the member of staff who signed in here."


class _NoticePage(Page):
    """What these pages share."""

    def initialize(self, identity: Identity, whose: Whose, text: NoticeText, forms: FormTokens) -> None:  # type: ignore[override]
        super().initialize(identity)
        self.whose, self.text, self.forms = whose, text, forms

    def reader(self, carried: Carried | None) -> Reader | None:
        by_way_of_proxy = self.client_ip == self.reached
        word = self.request.headers.get(VOUCHED, "") if by_way_of_proxy else None
        return self.whose.reader(self.client_ip, carried, word)

    def show(self, reader: Reader | None, notice: Notice, carried: Carried | None, token: str, fault: str = "") -> None:
        """The page, with its buttons where somebody is to answer it."""
        asked = reader is not None and reader.due is not None
        form = self._form(reader) if reader is not None and asked else ""
        place = PortalPlace(self.identity.settings.identity)
        signs_in = reader is None and self.identity.settings.gateway.mode == "transparent"
        self.page(
            "notice.html",
            title=notice.title,
            notice=notice,
            paragraphs=paragraphs(notice.text),
            why=_why(reader),
            meanwhile=_MEANWHILE[reader.due] if reader is not None and reader.due is not None else "",
            form=form,
            to=token,
            fault=fault,
            go_on=carried.url if carried is not None and not asked else "",
            sign_in=place.secure(self.reached, f"{SIGN_IN}?to={token}") if signs_in else "",
            status=403 if fault else 200,
        )

    def _form(self, reader: Reader) -> str:
        return self.forms.make(now_ms(), *self._bound(reader))

    def _bound(self, reader: Reader) -> Sequence[str]:
        return "notice", self.client_ip, reader.person_id, self.text.version


class NoticePage(_NoticePage):
    """The page that somebody is sent to."""

    def get(self) -> None:
        token = self.get_query_argument("to", "")
        carried, notice = self.whose.carried(token), self.text.now()
        if notice is None:
            self.message("One moment", _CHANGING, go_on=carried.url if carried else "", status=503)
            return
        self.show(self.reader(carried), notice, carried, token if carried else "")

    async def post(self) -> None:
        token = self.get_body_argument("to", "")
        carried, notice = self.whose.carried(token), self.text.now()
        reader = self.reader(carried)
        if notice is None:
            self.message("One moment", _CHANGING, status=503)
        elif reader is None or not self._ours(reader):
            self.show(reader, notice, carried, token if carried else "", _AGAIN)
        elif self.get_body_argument("answer", "") == _TOLD:
            await self._told(reader, carried)
        else:
            self._not_me(carried)

    def _ours(self, reader: Reader) -> bool:
        """Whether this comes from the page that this person was shown here."""
        site = self.request.headers.get("Sec-Fetch-Site", "same-origin")
        form = self.get_body_argument("form", "")
        return site in ("same-origin", "none") and self.forms.holds(form, now_ms(), *self._bound(reader))

    async def _told(self, reader: Reader, carried: Carried | None) -> None:
        if reader.due is not None:
            self.identity.registrar.acknowledge(
                reader.person_id,
                self.text.version,
                reader.how,
                reader.device_id,
                reminder=reader.due is Due.REMINDER,
            )
            # or the next page would be answered with the notice again
            await self.seen_by_workers()
        if carried is not None and carried.url:
            self.set_status(303)
            self.set_header("Location", carried.url)
            self.finish()
        else:
            self.message("Thank you", "It is noted that you were told. You may close this window and go on.")

    def _not_me(self, carried: Carried | None) -> None:
        self.message(
            "Nothing was noted",
            "Nobody was noted as told. Please tell the school’s technician that this computer, or this sign-in, is "
            "taken for somebody else’s. If the computer was left signed in, sign that person out.",
            "If you are a pupil or a guest: please ask a member of staff for another computer. What is done on this "
            "one may be put down to whose it is.",
            go_on=carried.url if carried else "",
        )


class AboutPage(_NoticePage):
    """The same text for anybody to read, with nothing to answer."""

    def get(self) -> None:
        notice = self.text.now()
        if notice is None:
            self.message("One moment", _CHANGING, status=503)
            return
        nothing: dict[str, Any] = dict.fromkeys(("why", "meanwhile", "form", "to", "fault", "go_on", "sign_in"), "")
        told = paragraphs(notice.text)
        self.page("notice.html", title=notice.title, notice=notice, paragraphs=told, **nothing)


def paragraphs(text: str) -> list[str]:
    """The school's text, as it set it."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def routes(identity: Identity) -> list[Route]:
    """What this adds to the portal."""
    given = {"whose": Whose(identity), "text": NoticeText(identity), "forms": FormTokens()}
    return [
        Route(pattern=NOTICE, handler=NoticePage, plain=True, given=given),
        Route(pattern=ABOUT, handler=AboutPage, plain=True, given=given),
    ]


def _why(reader: Reader | None) -> str:
    if reader is None:
        return "It cannot be told who is reading this, so nobody is asked to answer it."
    if reader.due is None:
        return "You have been told of this already. There is nothing to answer."
    return _WHY[reader.due] + (_SIGNED_IN if reader.signed_in else _DEVICE)
