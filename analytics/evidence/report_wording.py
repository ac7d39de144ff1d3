"""The report's fixed words: what codes mean, in plain English for a panel that has never met us.

Owns every sentence that is the same in all reports. Nothing here depends on a person.
"""

from typing import Final

from analytics.queries.standing import Standing

STANDINGS: Final = {
    Standing.UNLAWFUL: "May be unlawful",
    Standing.INAPPROPRIATE: "Inappropriate",
    Standing.PRIVATE: "Private, not in a break and not permitted",
    Standing.BREAK: "Private, in a break",
    Standing.PERMITTED: "Private, permitted",
    Standing.WORK: "Work",
    Standing.UNSURE: "Not sure who it was: not counted",
    Standing.UNKNOWN: "Not judged (serves work and private ends alike, is on no list, or was not surely chosen)",
    Standing.INFRASTRUCTURE: "Technical (updates, advertising, page parts)",
}
IN_A_ROW: Final = STANDINGS | {Standing.PRIVATE: "Private"}
"""As they stand in a list whose heading says the rest."""
GRADES: Final = {
    "A": "Signed in on this device at the time",
    "B": "The device was assigned to this person",
    "C": "Less sure: a shared device, signs that disagree, or a sign-in that had ended",
    "none": "Nobody is named",
}
METHODS: Final = {
    "register": "device register",
    "radius": "wireless sign-in",
    "802.1x": "network sign-in",
    "proxy": "sign-in at the gateway",
    "portal": "sign-in on the notice page",
    "hook": "sign-in reported by another system",
    "dhcp": "device only",
    "neighbour": "device only",
    "none": "none",
}
HOURS: Final = {
    "contracted": "in contracted hours",
    "break": "in a break",
    "outside": "outside contracted hours",
    "not_stated": "hours not stated",
}
EARLIER: Final = ", told of an earlier notice"
NOT_INSPECTED: Final = "not decrypted: only the site's name is known"

HOW_TIME: Final = (
    "Nobody can see from web records how long somebody looked at a page. The time is therefore a range. The lower "
    "figure is what the person's own acts show: the time until their next visit, but never more than one minute, and "
    "nothing for the last visit of a sitting. The upper one is the time until the next visit, but never more than 10 "
    "minutes, and 3 minutes for the last. A page may have been read for longer; nothing recorded can show it, so it is "
    "not claimed. What a page that was left open fetched by itself adds no time."
)
HOW_COUNTED: Final = (
    "A visit is a page that was typed, clicked or opened from a bookmark, with everything that page pulled in by "
    "itself. Pages loaded inside others, redirections, advertisements, automatic refreshing and background programs "
    "are recorded but are not visits, and are not counted. How a request came about is told from what the browser "
    "itself declares; each event carries how sure that is. Where it cannot be told whether anybody opened a page or "
    "another page showed it, the visit is listed as not judged, and is not counted."
)
HOW_JUDGED: Final = (
    "A site is looked up on the lists of the school's own policy, as they stood when it was visited; the longest "
    "match decides. The list, its version and the version of the policy are recorded with every event. Gravity (0 to "
    "4) is a suggestion to the reader, never a finding."
)
HOW_PERSON: Final = (
    "Who it was is decided when the event is written, from sign-ins and from the register of devices, and is never "
    "changed afterwards. It is graded: A, signed in on this device at the time; B, the device is assigned to this "
    "person; C, a shared device or conflicting signs. What is graded C is not counted, and no report holds it; nor is "
    "what turned out later to have come after the end of its sign-in. No grade can say who sat at the keyboard."
)
NOT_RECORDED: Final = (
    "Health, faith, trade unions, sexuality, legal advice, helplines and politics are shielded: such sites are never "
    "decrypted and never recorded, only counted for the whole school. Passwords, what pages said, and what was written "
    "or sent are not recorded. Which page was opened is kept only where the policy needs it, and what was searched for "
    "only for search engines. Banking is never decrypted."
)
TO_VERIFY: Final = (
    "This report is part of a bundle (a zip file) that anybody can check without trusting the school or the makers of "
    "Fairgate. HOW-TO-CHECK.txt, inside, says how. Every event was sealed by the gateway within minutes of being "
    "written, or after a crash when it started again; the bundle proves each one. Compare the head below with the "
    "copy that the Chair of Governors holds: without that comparison the record is only as trustworthy as whoever "
    "controlled the gateway."
)
GLOSSARY: Final = (
    ("Break", "A break in this person's contracted hours, as the school has entered them."),
    ("Category", "A kind of site, such as shopping, with a purpose that the school has stated."),
    ("Event", "One exchange between a browser and a site, or one connection that was not decrypted."),
    ("Gateway", "The school's computer through which staff devices reach the internet, and which writes the record."),
    ("Gap", "A time in which something was lost, or may be."),
    ("Head", "The latest seal, by its fingerprint: whoever holds it can tell if anything before it was changed."),
    ("Permitted", "Private use for which the Headteacher had given permission, to this person or to everybody."),
    ("Seal", "The gateway's signature over a few minutes of records, naming the seal before it."),
    ("Visit", "A page that a person chose, with everything it pulled in."),
)
