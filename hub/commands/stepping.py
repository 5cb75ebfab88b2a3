"""Asking in the terminal: the vendor's steps in order, each looked at before the next; then what is left."""

from collections.abc import Mapping, Sequence
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
    questions = {each.name: each for each in questions_of(kind)}
    answers = dict(given)
    steps = kind.manifest.steps
    for number, step in enumerate(steps, 1):
        out.remark(f"\nStep {number} of {len(steps)}: {step.title}")
        out.remark(step.words)
        if step.link:
            out.remark(step.link)
        if step.copies:
            out.remark(step.copies.replace("{public_url}", hub.settings.web.public_url or ""))
        asked = [questions[name] for name in step.asks if name not in given]
        asked = [each for each in asked if every or not each.advanced]
        if step.optional and not click.confirm("Check it now?", default=False, err=True):
            continue
        await _until_done(hub, out, platform, step, asked, answers)
    return answers


async def _until_done(
    hub: Hub, out: Output, platform: str, step: Step, asked: Sequence[Question], answers: dict[str, str]
) -> None:
    defaults = {each.name: each.default for each in questions_of(hub.registry.connector_type(platform))}
    while True:
        for question in asked:
            answers[question.name] = ask(question)
        try:
            for sentence in await check_step(hub.desk, platform, step.name, {**defaults, **answers}):
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


def ask(question: Question) -> str:
    if question.help:
        click.echo(question.help, err=True)
    answer: Any = click.prompt(
        question.label,
        default=question.default if question.default or not question.required else None,
        show_default=bool(question.default) and not question.secret,
        hide_input=question.secret,
        type=click.Choice(question.choices) if question.choices and question.default else str,
        err=True,
    )
    return str(answer).strip()
