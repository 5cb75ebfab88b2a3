"""Whether, when and how customers are asked: read by whoever asks, changed by admins."""

import re
from dataclasses import replace

from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.rules import tell
from hub.desk.teams import only_admins
from hub.model.people import Agent
from hub.model.ratings import THE_ONE, RatingPlan

DELAY_MOST, DAYS_MOST, OPEN_MOST, QUESTION_MOST, LANGUAGES_MOST = 14 * 24 * 60, 365, 90, 300, 50
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


async def plan_of(desk: Desk) -> RatingPlan:
    return await desk.store.rules.find(RatingPlan, THE_ONE) or RatingPlan()


async def get_plan(desk: Desk, by: Agent) -> RatingPlan:
    """Raises NotAllowed."""
    only_admins(by)
    return await plan_of(desk)


async def save_plan(desk: Desk, by: Agent, wanted: RatingPlan, *, address: str = "") -> RatingPlan:
    """What was resolved before it is switched on is not asked about. Raises NotAllowed, NotPossible."""
    only_admins(by)
    days = (wanted.rest_days, wanted.open_days)
    if not 0 <= wanted.delay_minutes <= DELAY_MOST or not all(1 <= each <= DAYS_MOST for each in days):
        raise NotPossible("rating_plan_wrong", minutes=DELAY_MOST, days=DAYS_MOST)
    questions = {key.strip().casefold(): " ".join(text.split()) for key, text in wanted.questions.items()}
    questions = {key: text for key, text in questions.items() if text}
    fit = [LANGUAGE.fullmatch(key) and len(text) <= QUESTION_MOST for key, text in questions.items()]
    if not all(fit) or len(questions) > LANGUAGES_MOST:
        raise NotPossible("rating_question_wrong", most=QUESTION_MOST)
    channels = {each.id for each in await desk.store.channels.list_channels()}
    if set(wanted.channels) - channels:
        raise NotPossible("rating_channel_gone")
    was = await plan_of(desk)
    since = (was.since if was.enabled else desk.clock()) if wanted.enabled else None
    kept = replace(wanted, id=THE_ONE, since=since, questions=questions)
    if kept != was:
        await desk.store.rules.save(kept)
        said = {"enabled": "yes" if kept.enabled else "no", "delay": str(kept.delay_minutes)}
        said |= {"rest": str(kept.rest_days), "open": str(kept.open_days)}
        await tell(desk, by, "rating_plan_saved", "", "", address, said)
    return kept
