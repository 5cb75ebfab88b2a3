"""Asking in the terminal: the vendor's steps in order, each looked at before the next; then what is left."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from hub.app import Hub
from hub.commands.errors import Failure
from hub.commands.output import Output
from hub.contract.connector import Question
from hub.contract.errors import ConnectorError
from hub.contract.steps import Step
from hub.desk.channels import ChannelProblem, check_step, questions_of


async def step_by_step(
    hub: Hub, out: Output, platform: str, given: Mapping[str, str], *, every: bool
) -> dict[str, str]:
    """What was answered on the way, and what was given. Raises Failure where somebody gives up."""
    kind = hub.registry.connector_type(platform)
    asking = Asking({each.name: each for each in questions_of(kind)}, given, dict(given))
    steps = kind.manifest.steps
    for number, step in enumerate(steps, 1):
        out.remark(f"\nStep {number} of {len(steps)}: {step.title}")
        out.remark(step.words)
        if step.link:
            out.remark(step.link)
        if step.copies:
            out.remark(step.copies.replace("{public_url}", hub.settings.web.public_url or ""))
        if step.optional and not click.confirm("Check it now?", default=False, err=True):
            continue
        await _until_done(hub, out, platform, step, asking, every=every)
    return asking.answers


@dataclass(slots=True)
class Asking:
    """The questions, and what is known by now. What was given beforehand is never asked."""

    questions: Mapping[str, Question]
    given: Mapping[str, str]
    answers: dict[str, str]

    @property
    def known(self) -> dict[str, str]:
        return {**{each.name: each.default for each in self.questions.values()}, **self.answers}

    def open(self, names: Iterable[str]) -> list[Question]:
        return [self.questions[name] for name in names if name not in self.given]

    def ask(self, wanted: Sequence[Question]) -> None:
        """One after the other, as what is answered first decides what comes into question."""
        for question in wanted:
            if question.when is None or self.known.get(question.when[0]) in question.when[1]:
                self.answers[question.name] = ask(question, self.answers.get(question.name))


async def _until_done(
    hub: Hub, out: Output, platform: str, step: Step, asking: Asking, *, every: bool
) -> None:
    usual = [each for each in asking.open(step.asks) if every or not each.advanced]
    further = asking.open(step.further)
    more = every or (bool(further) and _wants_more(further))
    while True:
        asking.ask([*further, *usual] if more else usual)
        try:
            for sentence in await check_step(hub.desk, platform, step.name, asking.known):
                out.remark(f"✓ {sentence}")
            return
        except (ConnectorError, ChannelProblem) as problem:
            out.remark(f"✗ {problem}")
            if said := getattr(problem, "said", ""):
                out.remark(f"  The platform says: {said}")
            if not click.confirm("Try again?", default=not step.optional, err=True):
                if step.optional:
                    return
                raise Failure(str(problem)) from problem
            more = bool(further) and (more or _names_any(str(problem), further) or _wants_more(further))


def _wants_more(further: Sequence[Question]) -> bool:
    labels = ", ".join(each.label for each in further)
    return click.confirm(f"Is anything unusual here ({labels})?", default=False, err=True)


def _names_any(words: str, questions: Sequence[Question]) -> bool:
    return any("_" in each.name and re.search(rf"\b{each.name}\b", words) for each in questions)


def ask(question: Question, before: str | None = None) -> str:
    """`before`: what was answered the last time, taken again when nothing is typed; a secret is not."""
    if question.help:
        click.echo(question.help, err=True)
    default = question.default if question.secret or before is None else before
    answer: Any = click.prompt(
        question.label,
        default=default if default or not question.required else None,
        show_default=bool(default) and not question.secret,
        hide_input=question.secret,
        type=click.Choice(question.choices) if question.choices and question.default else str,
        err=True,
    )
    return str(answer).strip()
