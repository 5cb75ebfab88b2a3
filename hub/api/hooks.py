"""Outgoing webhooks through the API, for admins."""

from collections.abc import Sequence

from hub.api import hook_shapes as shapes
from hub.api.bodies import Nothing
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.hooks import endpoints, log
from hub.model.hooks import Hook, HookDelivery
from hub.model.sign_ins import Scope


async def list_hooks(call: Call, asked: Nothing) -> shapes.Hooks:
    found = await endpoints.list_hooks(call.hooks, call.agent)
    return shapes.Hooks(rows=[_hook(each) for each in found])


async def add_hook(call: Call, asked: shapes.NewHook) -> shapes.HookWithSecret:
    hook, secret = await endpoints.add_hook(call.hooks, call.agent, asked.wanted(), address=call.address)
    return shapes.HookWithSecret(hook=_hook(hook), secret=secret)


async def get_hook(call: Call, asked: Nothing) -> shapes.Hook:
    return _hook(await endpoints.get_hook(call.hooks, call.agent, call.path["webhook"]))


async def change_hook(call: Call, asked: shapes.NewHook) -> shapes.Hook:
    hook = call.path["webhook"]
    wanted = asked.wanted()
    return _hook(await endpoints.change_hook(call.hooks, call.agent, hook, wanted, address=call.address))


async def remove_hook(call: Call, asked: Nothing) -> shapes.Hook:
    hook = call.path["webhook"]
    return _hook(await endpoints.remove_hook(call.hooks, call.agent, hook, address=call.address))


async def pause_hook(call: Call, asked: Nothing) -> shapes.Hook:
    hook = call.path["webhook"]
    return _hook(await endpoints.switch_hook(call.hooks, call.agent, hook, False, address=call.address))


async def resume_hook(call: Call, asked: Nothing) -> shapes.Hook:
    hook = call.path["webhook"]
    return _hook(await endpoints.switch_hook(call.hooks, call.agent, hook, True, address=call.address))


async def rotate_secret(call: Call, asked: Nothing) -> shapes.HookWithSecret:
    wanted = call.path["webhook"]
    hook, secret = await endpoints.rotate_secret(call.hooks, call.agent, wanted, address=call.address)
    return shapes.HookWithSecret(hook=_hook(hook), secret=secret)


async def try_out(call: Call, asked: Nothing) -> shapes.HookDelivery:
    hook = call.path["webhook"]
    return _delivery(await log.try_out(call.hooks, call.agent, hook, address=call.address))


async def list_deliveries(call: Call, asked: shapes.ListHookDeliveries) -> shapes.HookDeliveries:
    page = await log.list_deliveries(
        call.hooks,
        call.agent,
        call.path["webhook"],
        failed=asked.failed,
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return shapes.HookDeliveries(rows=[_delivery(each) for each in page.rows], next=page.next_cursor)


async def get_delivery(call: Call, asked: Nothing) -> shapes.HookDelivery:
    found = await log.get_delivery(call.hooks, call.agent, call.path["webhook"], call.path["delivery"])
    return _delivery(found)


async def redeliver(call: Call, asked: Nothing) -> shapes.HookDelivery:
    hook, delivery = call.path["webhook"], call.path["delivery"]
    return _delivery(await log.redeliver(call.hooks, call.agent, hook, delivery, address=call.address))


async def redeliver_failed(call: Call, asked: Nothing) -> shapes.Redelivered:
    hook = call.path["webhook"]
    many = await log.redeliver_failed(call.hooks, call.agent, hook, address=call.address)
    return shapes.Redelivered(deliveries=many)


def _hook(found: Hook) -> shapes.Hook:
    return shapes.Hook.model_validate(found)


def _delivery(found: HookDelivery) -> shapes.HookDelivery:
    shown = {name: getattr(found, name) for name in shapes.HookDelivery.model_fields}
    return shapes.HookDelivery.model_validate({**shown, "payload": found.payload or None})


ONE = "/webhooks/{webhook}"
HOOKS: Sequence[AnyRoute] = (
    reading(
        "/webhooks",
        "listWebhooks",
        "Where others are told what happens here.",
        list_hooks,
        Nothing,
        shapes.Hooks,
        scope=Scope.ADMIN,
    ),
    writing(
        "POST",
        "/webhooks",
        "addWebhook",
        "Tell somebody from now on. The answer has the secret.",
        add_hook,
        shapes.NewHook,
        shapes.HookWithSecret,
        scope=Scope.ADMIN,
        status=201,
        untold="secret",
    ),
    reading(ONE, "getWebhook", "One of them.", get_hook, Nothing, shapes.Hook, scope=Scope.ADMIN),
    writing(
        "PUT",
        ONE,
        "changeWebhook",
        "Change all that was chosen.",
        change_hook,
        shapes.NewHook,
        shapes.Hook,
        scope=Scope.ADMIN,
    ),
    writing(
        "DELETE",
        ONE,
        "removeWebhook",
        "Remove it with its log.",
        remove_hook,
        Nothing,
        shapes.Hook,
        scope=Scope.ADMIN,
    ),
    writing(
        "POST",
        f"{ONE}/pause",
        "pauseWebhook",
        "Tell it nothing until it is resumed.",
        pause_hook,
        Nothing,
        shapes.Hook,
        scope=Scope.ADMIN,
    ),
    writing(
        "DELETE",
        f"{ONE}/pause",
        "resumeWebhook",
        "Tell it again, also after it was disabled; what happened meanwhile is not told.",
        resume_hook,
        Nothing,
        shapes.Hook,
        scope=Scope.ADMIN,
    ),
    writing(
        "POST",
        f"{ONE}/secrets",
        "rotateWebhookSecret",
        "A new secret; for a day the former one signs too.",
        rotate_secret,
        Nothing,
        shapes.HookWithSecret,
        scope=Scope.ADMIN,
        status=201,
        untold="secret",
    ),
    writing(
        "POST",
        f"{ONE}/tests",
        "testWebhook",
        "Send a test now and wait for what it answers.",
        try_out,
        Nothing,
        shapes.HookDelivery,
        scope=Scope.ADMIN,
        status=201,
    ),
    reading(
        f"{ONE}/deliveries",
        "listWebhookDeliveries",
        "Its log, newest first.",
        list_deliveries,
        shapes.ListHookDeliveries,
        shapes.HookDeliveries,
        scope=Scope.ADMIN,
    ),
    reading(
        f"{ONE}/deliveries/{{delivery}}",
        "getWebhookDelivery",
        "What was sent, and what was answered.",
        get_delivery,
        Nothing,
        shapes.HookDelivery,
        scope=Scope.ADMIN,
    ),
    writing(
        "POST",
        f"{ONE}/deliveries/{{delivery}}/attempts",
        "redeliver",
        "Send it again, with its former id.",
        redeliver,
        Nothing,
        shapes.HookDelivery,
        scope=Scope.ADMIN,
    ),
    writing(
        "POST",
        f"{ONE}/redeliveries",
        "redeliverFailed",
        "Send everything again that was given up.",
        redeliver_failed,
        Nothing,
        shapes.Redelivered,
        scope=Scope.ADMIN,
    ),
)
