"""Whether, when and how customers are asked how content they are."""

from collections.abc import Mapping

from aiohttp import web
from babel import Locale, UnknownLocaleError

from hub.csat.plan import DAYS_MOST, DELAY_MOST, LANGUAGE, OPEN_MOST, QUESTION_MOST, get_plan, save_plan
from hub.csat.results import list_answers
from hub.csat.wording import QUESTIONS
from hub.desk.changing import NotPossible
from hub.desk.opening import list_channels
from hub.model.ratings import Rating, RatingPlan
from inbox_ui.office.frame import ADMINS, Place, chosen, done, office
from inbox_ui.office.numbers import Numbers
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words

PLACE = Place(
    key="contentment",
    group="company",
    icon="rated",
    title=lambda words: words.gettext("Satisfaction"),
    roles=ADMINS,
)
SHOWN = 20  # of the latest answers
USUAL = RatingPlan()


async def page(request: web.Request) -> web.StreamResponse:
    return await _form(request)


async def keep(request: web.Request) -> web.StreamResponse:
    desk, words, form = request.app[PAGES].desk, words_of(request), request[FORM]
    numbers = Numbers(form, words)
    delay, rest = numbers.read("delay", DELAY_MOST), numbers.read("rest", DAYS_MOST, 1)
    opened = numbers.read("open", OPEN_MOST, 1)
    questions = {key[9:]: text for key, text in form.items() if key.startswith("question-")}
    language = form.get("language", "").strip().casefold()
    if form.get("further", "").strip():
        questions[language] = form["further"]
        if not LANGUAGE.fullmatch(language):
            numbers.problems["language"] = words.gettext("Two or three letters, such as pl.")
    if numbers.problems:
        return await _form(request, numbers.problems)
    wanted = RatingPlan(
        enabled=form.get("enabled") == "yes",
        channels=tuple(await chosen(request, "channels")),
        delay_minutes=USUAL.delay_minutes if delay is None else delay,
        rest_days=rest or USUAL.rest_days,
        open_days=opened or USUAL.open_days,
        questions={key: text for key, text in questions.items() if text.strip() != QUESTIONS.get(key)},
    )
    try:
        await save_plan(desk, agent_of(request), wanted, address=request.remote or "")
    except NotPossible as problem:
        return await _form(request, {"": told(problem, words)})
    return done(request, PLACE.address, words.gettext("Saved"))


async def _form(request: web.Request, problems: Mapping[str, str] | None = None) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    plan = await get_plan(desk, agent)
    answers = await list_answers(desk, agent, limit=SHOWN)
    values = {"delay": str(plan.delay_minutes), "rest": str(plan.rest_days), "open": str(plan.open_days)}
    values |= {f"question-{key}": text for key, text in {**QUESTIONS, **plan.questions}.items()}
    values |= {"language": "", "further": ""}
    form: Mapping[str, str] = request.get(FORM, {})
    again = bool(problems)
    values |= {name: form[name] for name in values if again and name in form}
    ticked = set(await chosen(request, "channels")) if again else set(plan.channels)
    return office(
        request,
        PLACE,
        "office/contentment.html",
        422 if problems else 200,
        problems,
        enabled=form.get("enabled") == "yes" if again else plan.enabled,
        values=values,
        questions=[(f"question-{key}", _language(key, words)) for key in {**QUESTIONS, **plan.questions}],
        channels=[(each.id, each.name, each.id in ticked) for each in await list_channels(desk)],
        longest=QUESTION_MOST,
        reached=request.app[PAGES].public_url is not None,
        answers=[_line(each, words) for each in answers.rows],
    )


def _language(key: str, words: Words) -> str:
    try:
        return Locale.parse(key, sep="-").get_display_name(words.locale) or key
    except (UnknownLocaleError, ValueError):
        return key


def _line(rating: Rating, words: Words) -> tuple[str, str, str, str]:
    """The conversation, what they said, their words, when."""
    at = rating.answered_at or rating.asked_at
    said = words.gettext("%(score)s of 5", score=rating.score)
    return rating.conversation, said, rating.comment, words.date(at)


ROUTES = [web.get("/office/contentment", page), web.post("/office/contentment", keep)]
