"""The cast: twelve invented staff of an invented school, and how each of them uses the web.

Owns their names, hours, devices, habits and stories. Nobody here is or resembles a real person.
Each story shows one thing that Fairgate must get right; `Member.story` says which, in a sentence.
"""

from typing import Final

from analytics.demonstration.member import Habit, Lapse, Member, Permit, Request, Slot

SCHOOL: Final = "oakfield-demo"
SCHOOL_NAME: Final = "Oakfield Primary School (demonstration)"


HEADTEACHER: Final = "okafor"
CHAIR: Final = "whitcombe"
TECHNICIAN: Final = "mensah"
BUNDLE_MEMBER: Final = "llewellyn"
"""Whose bundle the demonstration writes."""
SHARED_ADDRESS: Final = "127.0.1.20"
LUNCH: Final = (12 * 60, 13 * 60)
"""When the permissions for lunch hold, in minutes since midnight."""

_TEACHING: Final = (
    Habit("teaching", Slot.EARLY, (1.5,)),
    Habit("teaching", Slot.LESSON, (5,)),
    Habit("search", Slot.LESSON, (2.5,)),
    Habit("running", Slot.LESSON, (1.5,)),
    Habit("running", Slot.LATE, (1.5,)),
    Habit("teaching", Slot.LATE, (2,)),
    Habit("news", Slot.BREAK, (0.7,)),
)
_OFFICE: Final = (
    Habit("running", Slot.LESSON, (9,)),
    Habit("search", Slot.LESSON, (2.5,)),
    Habit("running", Slot.EARLY, (2,)),
    Habit("teaching", Slot.LESSON, (1,)),
    Habit("news", Slot.BREAK, (1,)),
)

CAST: Final = (
    Member(
        key=HEADTEACHER,
        name="Margaret Okafor",
        username="m.okafor",
        person_type="teacher",
        post="Headteacher",
        hours="leadership",
        story="Her own use is seen by the Chair of Governors and never by herself.",
        habits=(*_OFFICE, Habit("travel", Slot.BREAK, (0.4,)), Habit("shopping", Slot.LATE, (0.5,))),
        outing=("https://www.gov.uk/", "https://www.kent.gov.uk/slow", "https://www.johnlewis.com/"),
        address="127.0.1.11",
    ),
    Member(
        key=CHAIR,
        name="Alan Whitcombe",
        username="a.whitcombe",
        person_type="governor",
        post="Chair of Governors",
        hours="volunteer",
        story="Reads the governors' papers in school now and then; no hour of his is working time.",
        habits=(Habit("running", Slot.LATE, (2,)), Habit("news", Slot.LATE, (0.8,))),
        outing=("https://www.gov.uk/government/organisations/ofsted", "https://www.theguardian.com/education"),
    ),
    Member(
        key="raman",
        name="Priya Raman",
        username="p.raman",
        person_type="teacher",
        post="Deputy Headteacher, Year 6",
        hours="teacher",
        story="Works, and needs nobody's attention. Once she reads about a health matter: only a count is kept.",
        habits=_TEACHING,
        outing=(
            "https://www.thenational.academy/teachers",
            "https://whiterosemaths.com/resources/year-6",
            "https://www.nhs.uk/conditions",
            "https://www.google.com/search?q=roman+britain+ks2",
            "https://www.twinkl.co.uk/no-such-page",
        ),
        address="127.0.1.12",
    ),
    Member(
        key=BUNDLE_MEMBER,
        name="Gareth Llewellyn",
        username="g.llewellyn",
        person_type="teacher",
        post="Teacher, Year 4",
        hours="teacher",
        story="Drifts, over four weeks, into shopping and house-hunting in lesson time.",
        habits=(
            *_TEACHING,
            Habit("shopping", Slot.LESSON, (0.5, 2, 4, 6, 6)),
            Habit("property", Slot.LESSON, (0, 1, 3, 5, 6)),
            Habit("sport", Slot.BREAK, (1,)),
        ),
        outing=(
            "https://www.twinkl.co.uk/resources/year-4",
            "http://amazon.co.uk/",
            "https://www.amazon.co.uk/deals",
            "https://bit.ly/half-price",
            "https://www.rightmove.co.uk/property-for-sale",
            "https://www.zoopla.co.uk/for-sale",
        ),
    ),
    Member(
        key="doherty",
        name="Sinéad Doherty",
        username="s.doherty",
        person_type="teacher",
        post="Teacher, Year 2",
        hours="teacher",
        story="Looks for a house at lunch, with the Headteacher's permission: shown as permitted, never counted.",
        habits=(*_TEACHING, Habit("property", Slot.BREAK, (3,)), Habit("shopping", Slot.BREAK, (1,))),
        outing=(
            "https://www.phonicsplay.co.uk/resources/phase/3",
            "https://classroom.google.com/u/0/h",
        ),
        address="127.0.1.13",
    ),
    Member(
        key="kowalczyk",
        name="Tomasz Kowalczyk",
        username="t.kowalczyk",
        person_type="support",
        post="Site manager",
        hours="site_team",
        story="Gambles twice in four weeks, on the shared laptop he signed in to.",
        habits=(
            Habit("running", Slot.LESSON, (4,)),
            Habit("search", Slot.LESSON, (2,)),
            Habit("sport", Slot.LATE, (0.4,)),
            Habit("news", Slot.LESSON, (0.2,)),
        ),
        lapses=(
            Lapse(2, 2, 15 * 60 + 12, "https://www.paddypower.com/football"),
            Lapse(3, 3, 7 * 60 + 21, "https://www.bet365.com/sports"),
        ),
        outing=("https://www.skysports.com/football", "https://www.gov.uk/"),
        on_shared_device=True,
    ),
    Member(
        key="begum",
        name="Fatima Begum",
        username="f.begum",
        person_type="support",
        post="School business manager",
        hours="office",
        story="Banks for the school: noted, never decrypted. Once she opens webmail that is not an approved account.",
        habits=(*_OFFICE, Habit("banking", Slot.LESSON, (0.6,)), Habit("webmail", Slot.BREAK, (0.3,))),
        outing=(
            "https://www.barclays.co.uk/",
            "https://outlook.office.com/mail/",
            "https://mail.yahoo.com/d/folders/1",
            "http://village-hall.example/bookings",
            "https://www.kent.gov.uk/education-and-children",
        ),
        sends_form=True,
        address="127.0.1.14",
    ),
    Member(
        key="hartley",
        name="Olivia Hartley-Jones",
        username="o.hartley-jones",
        person_type="support",
        post="Teaching assistant, Year 1",
        hours="support",
        story="The false alarm: pages she reads carry a social network's box, which she never opened: not counted.",
        habits=(
            Habit("teaching", Slot.LESSON, (6,)),
            Habit("running", Slot.LESSON, (2,)),
            Habit("search", Slot.LESSON, (2,)),
            Habit("news", Slot.BREAK, (4,)),
        ),
        outing=("https://www.tes.com/magazine", "https://ttrockstars.com/teachers", "https://www.tes.com/"),
    ),
    Member(
        key=TECHNICIAN,
        name="Kwame Mensah",
        username="k.mensah",
        person_type="support",
        post="ICT technician",
        hours="office",
        story="Keeps the gateway running; sees whether it records, and nobody's browsing.",
        habits=(*_OFFICE, Habit("streaming", Slot.BREAK, (1.5,))),
        outing=(
            "https://www.google.com/search?q=interactive+whiteboard+driver",
            "https://www.youtube.com/watch?v=standin01",
            "https://www.tes.com/downloads/resource-pack.zip",
        ),
        address="127.0.1.15",
    ),
    Member(
        key="macallister",
        name="Jean MacAllister",
        username="j.macallister",
        person_type="supply",
        post="Supply teacher, Year 3",
        hours="teacher_mornings",
        story="Looks for other posts and for holidays, some of it in lesson time.",
        habits=(
            Habit("teaching", Slot.LESSON, (5,)),
            Habit("search", Slot.LESSON, (2,)),
            Habit("jobs", Slot.LESSON, (1, 1, 2, 2)),
            Habit("travel", Slot.BREAK, (1,)),
            Habit("webmail", Slot.LATE, (0.6,)),
        ),
        outing=(
            "https://www.tes.com/teaching-resources",
            "https://www.indeed.co.uk/jobs",
            "https://www.booking.com/deals",
        ),
    ),
    Member(
        key="adeyemi",
        name="Rosemary Adeyemi",
        username="r.adeyemi",
        person_type="volunteer",
        post="Volunteer reader",
        hours="volunteer",
        story="Uses the shared library laptop with her own sign-in; looks at her social networks at lunch.",
        habits=(Habit("teaching", Slot.LATE, (3,)), Habit("social", Slot.LATE, (2,)), Habit("news", Slot.LATE, (1,))),
        outing=(
            "https://www.phonicsplay.co.uk/",
            "https://www.facebook.com/groups",
            "https://www.instagram.com/explore",
        ),
        on_shared_device=True,
    ),
    Member(
        key="pritchard",
        name="Daniel Pritchard",
        username="d.pritchard",
        person_type="support",
        post="Lunchtime supervisor, started this week",
        hours="support",
        story="Has not been told of the monitoring yet: nothing of his is decrypted or recorded.",
        habits=(),
        outing=("https://www.bbc.co.uk/news", "https://www.argos.co.uk/toys"),
        told=False,
    ),
)

BY_KEY: Final = {member.key: member for member in CAST}

PERMITS: Final = (
    Permit(
        member=None,
        categories=("news", "sport"),
        slot_only=True,
        why="Staff may read the news and the football at lunch, as agreed in the staff meeting in September.",
    ),
)

REQUESTS: Final = (
    Request(
        member="doherty",
        categories=("property",),
        weekdays=(0, 1, 2, 3, 4),
        start=LUNCH[0],
        end=LUNCH[1],
        why="I am moving house this term and would like to look at estate agents' sites over lunch.",
        answer="granted",
        answer_why="Agreed for the lunch break, for as long as you are moving house.",
    ),
    Request(
        member="kowalczyk",
        categories=("streaming",),
        weekdays=(4,),
        start=20 * 60,
        end=60,
        why="On Fridays I wait until the hall is empty again, often past midnight, and would like to watch a film.",
        answer="refused",
        answer_why="You are on duty while the hall is let. I am sorry; please talk to me about the late Fridays.",
    ),
    Request(
        member="macallister",
        categories=("travel",),
        sites=("tfl.gov.uk",),
        weekdays=(0, 1, 2, 3, 4),
        start=LUNCH[0],
        end=LUNCH[1],
        why="My mother is ill in Aberdeen, and I need to look for trains and flights at short notice.",
    ),
    Request(
        member=HEADTEACHER,
        categories=("travel",),
        weekdays=(0, 1, 2, 3, 4),
        start=LUNCH[0],
        end=LUNCH[1],
        why="I should like to book the family's summer holiday in my lunch break.",
    ),
)
"""In the order in which they were asked. Whoever is no viewer has a Staff sign-in of their own to ask with."""
