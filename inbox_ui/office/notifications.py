"""How somebody is told of what concerns them: kind by way, what is muted, quiet hours, mails."""

from datetime import datetime

from aiohttp import web
from babel.dates import get_day_names

from hub.desk.notices import (
    Wishes,
    kinds_for,
    last_digest,
    notice_settings,
    remember_place,
    save_notice_settings,
)
from hub.desk.opening import list_channels, list_teams
from hub.model.notices import Digest, DigestState, Pace, QuietHours, Way
from inbox_ui.noticing import ICONS, kind_words
from inbox_ui.office.frame import Place, chosen, done, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import why
from inbox_ui.visitor import FORM, VISITOR, agent_of, now_of, words_of
from inbox_ui.words import Words

PLACE = Place(
    key="notifications", group="me", icon="bell", title=lambda words: words.gettext("Notifications")
)


async def page(request: web.Request) -> web.StreamResponse:
    visitor = request[VISITOR]
    if visitor.zone_known:  # the clock that quiet hours go by
        words = visitor.words
        await remember_place(request.app[PAGES].desk, agent_of(request), words.language, words.zone)
    return await _page(request)


async def save(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    try:
        wishes = await _wishes(request)
    except ValueError:
        problem = words.gettext("A time of day is written like 08:30.")
        return await _page(request, 422, {"": problem})
    await save_notice_settings(desk, agent, wishes)
    return done(request, PLACE.address, words.gettext("Saved"))


ROUTES = (web.get("/office/notifications", page), web.post("/office/notifications", save))


async def _page(
    request: web.Request, status: int = 200, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    pages, agent, words = request.app[PAGES], agent_of(request), words_of(request)
    settings = await notice_settings(pages.desk, agent)
    named = kind_words(words)
    digest = await last_digest(pages.desk, agent) if pages.mails else None
    return office(
        request,
        PLACE,
        "office/notifications.html",
        status=status,
        problems=problems,
        settings=settings,
        kinds=[(each, ICONS[each], *named[each], settings.ways_of(each)) for each in kinds_for(agent)],
        ways=_ways(words),
        quiet=settings.quiet or QuietHours(),
        clock=_clock,
        days=_days(words),
        channels=await list_channels(pages.desk),
        teams=[each for each in await list_teams(pages.desk) if each.id in agent.teams],
        paces=_paces(words),
        mails=pages.mails,
        digest=_digest_words(digest, words, now_of(request)) if digest else "",
        email=agent.email,
    )


async def _wishes(request: web.Request) -> Wishes:
    """Raises ValueError."""
    form = request[FORM]
    ticked = set(await chosen(request, "tell"))
    ways = {
        kind: tuple(way for way in Way if f"{kind}-{way}" in ticked) for kind in kinds_for(agent_of(request))
    }
    quiet = None
    if form.get("quiet"):
        quiet = QuietHours(
            since=_minutes(form.get("since", "")),
            until=_minutes(form.get("until", "")),
            free_days=tuple(
                sorted({int(each) for each in await chosen(request, "free") if each in "0123456"})
            ),
        )
    pace = form.get("pace", Pace.HOUR)
    return Wishes(
        ways=ways,
        muted_channels=tuple(await chosen(request, "muted_channel")),
        muted_teams=tuple(await chosen(request, "muted_team")),
        quiet=quiet,
        pace=Pace(pace),
        daily_at=_minutes(form.get("daily_at") or "08:00"),
        sound=bool(form.get("sound")),
    )


def _minutes(text: str) -> int:
    """After midnight. Raises ValueError."""
    at = datetime.strptime(text[:5], "%H:%M")  # noqa: DTZ007 a time of day, no moment
    return at.hour * 60 + at.minute


def _clock(minutes: int) -> str:
    return "{:02}:{:02}".format(*divmod(minutes, 60))


def _ways(words: Words) -> list[tuple[Way, str]]:
    _ = words.gettext
    return [(Way.PAGE, _("In the page")), (Way.BROWSER, _("By the browser")), (Way.MAIL, _("By mail"))]


def _paces(words: Words) -> list[tuple[Pace, str]]:
    _ = words.gettext
    return [
        (Pace.QUARTER, _("After a quarter of an hour")),
        (Pace.HOUR, _("After an hour")),
        (Pace.DAY, _("Once a day")),
        (Pace.OFF, _("Never")),
    ]


def _days(words: Words) -> list[tuple[int, str]]:
    names = get_day_names("abbreviated", locale=words.locale)
    return [(day, str(names[day])) for day in range(7)]


def _digest_words(digest: Digest, words: Words, now: datetime) -> str:
    _ = words.gettext
    when = words.moment(digest.at, now)
    match digest.state:
        case DigestState.SENT:
            return _("The last mail left: %(when)s.", when=when)
        case DigestState.UNSURE:
            return _(
                "The mail of %(when)s may not have been sent. It is not sent again: it is all at the bell.",
                when=when,
            )
        case DigestState.FAILED:
            return _(
                "The mail of %(when)s could not be sent: %(why)s",
                when=when,
                why=why(digest.problem or "", words),
            )
    return _("A mail is being sent just now.")
