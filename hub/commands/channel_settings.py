"""`hubbub channel settings`: what a channel was set to, shown and changed."""

from collections.abc import Sequence

import click

from hub.app import Hub
from hub.commands.finding import find_channel, similar
from hub.commands.frame import with_hub
from hub.commands.output import Output
from hub.desk.adjusting import change_settings, settings_of


@click.command("settings")
@click.argument("name")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Change one; may be repeated.")
@with_hub
async def settings(hub: Hub, out: Output, name: str, given: Sequence[str]) -> None:
    """Show what a channel is set to, or change it: hubbub channel settings Bot --set groups=all

    What is changed is proven by connecting before it is kept. Secrets are not shown.
    """
    found = await find_channel(hub, name)
    asked = settings_of(hub.desk, found)
    if not given:
        rows = [{"name": each.name, "value": each.default, "what": each.label} for each in asked]
        out.rows(rows, ("name", "value", "what"), "There is nothing to change.")
        return
    answers = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals:
            raise click.BadParameter(f"{each!r} should look like NAME=VALUE.", param_hint="--set")
        if key.strip() not in (known := [question.name for question in asked]):
            hint = similar(key.strip(), known, "setting")
            raise click.UsageError(f"There is no setting {key.strip()!r}{hint}", click.get_current_context())
        answers[key.strip()] = value
    changed = await change_settings(hub.desk, found, answers, out.remark)
    words = f"{found.name} goes on with it." if changed else "Nothing was changed."
    out.one({"id": found.id, "name": found.name, "changed": list(changed)}, words)
