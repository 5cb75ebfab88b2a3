"""Rules, working hours, service levels, who can take what, and why a conversation is whose it is."""

from collections.abc import Sequence

from hub.api import routing_shapes as shapes
from hub.api.bodies import Nothing
from hub.api.deeds import ONE
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.desk import attending, decisions, rule_files, rule_forms, rules, staffing
from hub.desk.changing import NotPossible
from hub.model.hours import Shift, WorkingHours
from hub.model.rules import Rule
from hub.model.service import ServiceLevel
from hub.model.sign_ins import Scope
from hub.model.staffing import AgentPlan, TeamPlan


def _rule(rule: Rule) -> shapes.Rule:
    return shapes.Rule(id=rule.id, place=rule.place, version=rule.version, rule=rule_forms.form_of(rule))


async def _rules(call: Call) -> shapes.Rules:
    found = await rules.list_rules(call.desk, call.agent)
    how = await rules.reading(call.desk, call.agent)
    return shapes.Rules(reading=how, rows=[_rule(each) for each in found])


async def list_rules(call: Call, asked: Nothing) -> shapes.Rules:
    return await _rules(call)


async def add_rule(call: Call, asked: shapes.NewRule) -> shapes.Rule:
    return _rule(await rules.add_rule(call.desk, call.agent, asked.rule.drawn(), address=call.address))


async def change_rule(call: Call, asked: shapes.NewRule) -> shapes.Rule:
    drawn = asked.rule.drawn()
    return _rule(
        await rules.change_rule(call.desk, call.agent, call.path["rule"], drawn, address=call.address)
    )


async def remove_rule(call: Call, asked: Nothing) -> shapes.Removed:
    await rules.remove_rule(call.desk, call.agent, call.path["rule"], address=call.address)
    return shapes.Removed(id=call.path["rule"])


async def order_rules(call: Call, asked: shapes.Order) -> shapes.Rules:
    await rules.order_rules(call.desk, call.agent, asked.rules, address=call.address)
    return await _rules(call)


async def choose_reading(call: Call, asked: shapes.ChooseReading) -> shapes.Rules:
    await rules.set_reading(call.desk, call.agent, asked.reading, address=call.address)
    return await _rules(call)


async def export_rules(call: Call, asked: Nothing) -> shapes.RulesFile:
    return shapes.RulesFile(toml=await rule_files.export_rules(call.desk, call.agent))


async def import_rules(call: Call, asked: shapes.TakeRules) -> shapes.Rules:
    await rule_files.import_rules(call.desk, call.agent, asked.toml, address=call.address)
    return await _rules(call)


async def list_hours(call: Call, asked: Nothing) -> shapes.AllHours:
    found = await staffing.list_hours(call.desk, call.agent)
    return shapes.AllHours(rows=[shapes.Hours.model_validate(each) for each in found])


async def save_hours(call: Call, asked: shapes.SaveHours) -> shapes.Hours:
    hours = WorkingHours(
        id=call.path.get("hours", ""),
        name=asked.name,
        zone=asked.zone,
        shifts=tuple(_shift(each) for each in asked.shifts),
        holidays=asked.holidays,
        closed=tuple(asked.closed),
        created_at=call.desk.clock(),
    )
    kept = await staffing.save_hours(call.desk, call.agent, hours, address=call.address)
    return shapes.Hours.model_validate(kept)


def _shift(asked: shapes.ShiftForm) -> Shift:
    if asked.begins >= asked.ends:
        raise NotPossible("shift_wrong")
    return Shift(asked.day, asked.begins, asked.ends)


async def remove_hours(call: Call, asked: Nothing) -> shapes.Removed:
    await staffing.remove_hours(call.desk, call.agent, call.path["hours"], address=call.address)
    return shapes.Removed(id=call.path["hours"])


async def list_levels(call: Call, asked: Nothing) -> shapes.Levels:
    found = await staffing.list_levels(call.desk, call.agent)
    return shapes.Levels(rows=[shapes.ServiceLevel.model_validate(each) for each in found])


async def save_level(call: Call, asked: shapes.SaveLevel) -> shapes.ServiceLevel:
    level = ServiceLevel(
        id=call.path.get("level", ""), created_at=call.desk.clock(), **asked.model_dump(mode="python")
    )
    kept = await staffing.save_level(call.desk, call.agent, level, address=call.address)
    return shapes.ServiceLevel.model_validate(kept)


async def remove_level(call: Call, asked: Nothing) -> shapes.Removed:
    await staffing.remove_level(call.desk, call.agent, call.path["level"], address=call.address)
    return shapes.Removed(id=call.path["level"])


async def get_team_plan(call: Call, asked: Nothing) -> shapes.TeamPlan:
    return shapes.TeamPlan.model_validate(await staffing.team_plan(call.desk, call.agent, call.path["team"]))


async def save_team_plan(call: Call, asked: shapes.SaveTeamPlan) -> shapes.TeamPlan:
    given = {**asked.model_dump(mode="python"), "prefer": tuple(asked.prefer)}
    plan = TeamPlan(id=call.path["team"], **given)
    kept = await staffing.save_team_plan(call.desk, call.agent, plan, address=call.address)
    return shapes.TeamPlan.model_validate(kept)


async def get_agent_plan(call: Call, asked: Nothing) -> shapes.AgentPlan:
    return shapes.AgentPlan.model_validate(
        await staffing.agent_plan(call.desk, call.agent, call.path["agent"])
    )


async def save_agent_plan(call: Call, asked: shapes.SaveAgentPlan) -> shapes.AgentPlan:
    plan = AgentPlan(id=call.path["agent"], **asked.model_dump(mode="python"))
    kept = await staffing.save_agent_plan(call.desk, call.agent, plan, address=call.address)
    return shapes.AgentPlan.model_validate(kept)


async def list_attendance(call: Call, asked: Nothing) -> shapes.Attendances:
    agents = [each.id for each in await call.desk.store.people.list_agents() if not each.disabled]
    return shapes.Attendances(rows=await _attendance(call, agents))


async def choose_state(call: Call, asked: shapes.ChooseState) -> shapes.Attendance:
    await attending.choose_state(call.desk, call.agent, asked.state, back_at=asked.back_at)
    (row,) = await _attendance(call, [call.agent.id])
    return row


async def _attendance(call: Call, agents: list[str]) -> list[shapes.Attendance]:
    now, plans = call.desk.clock(), (await call.desk.dispatch.office()).agents
    found = await call.desk.store.workloads.find(agents)
    return [
        shapes.Attendance(
            agent=each.id,
            state=each.state_at(now),
            load=each.load,
            capacity=plans[each.id].capacity if each.id in plans else None,
            back_at=each.back_at,
        )
        for each in found.values()
    ]


async def list_decisions(call: Call, asked: Nothing) -> shapes.Decisions:
    found = await decisions.list_decisions(call.desk, call.agent, call.path["conversation"])
    return shapes.Decisions(rows=[shapes.Decision.model_validate(each) for each in found])


async def correct(call: Call, asked: shapes.Correct) -> shapes.Corrected:
    made = await decisions.correct(
        call.desk, call.agent, call.path["decision"], team=asked.team, to=asked.agent
    )
    offered = rule_forms.form_of(made.offered) if made.offered else None
    return shapes.Corrected(undo=made.done.token, offered=offered)


ADMIN = Scope.ADMIN
RULE, HOURS, LEVEL = "/rules/{rule}", "/hours/{hours}", "/service-levels/{level}"
TEAM_PLAN, AGENT_PLAN = "/teams/{team}/plan", "/agents/{agent}/plan"
REFUSED = "not-possible"

RULES: Sequence[AnyRoute] = (
    reading(
        "/rules", "listRules", "All rules, in their order.", list_rules, Nothing, shapes.Rules, scope=ADMIN
    ),
    writing(
        "POST", "/rules", "addRule", "Make a rule, behind all others. Only for admins.",
        add_rule, shapes.NewRule, shapes.Rule, REFUSED, status=201, scope=ADMIN,
    ),
    writing(
        "PUT", "/rules/order", "orderRules", "Put rules into another order. Only for admins.",
        order_rules, shapes.Order, shapes.Rules, REFUSED, scope=ADMIN,
    ),
    writing(
        "PUT", "/rules/reading", "chooseReading",
        "Whether the first that fits counts, or all. Only for admins.",
        choose_reading, shapes.ChooseReading, shapes.Rules, REFUSED, scope=ADMIN,
    ),
    reading(
        "/rules/file", "exportRules", "All rules as TOML. Only for admins.",
        export_rules, Nothing, shapes.RulesFile, scope=ADMIN,
    ),
    writing(
        "PUT", "/rules/file", "importRules", "Rules of the same name are changed, others added; all or none.",
        import_rules, shapes.TakeRules, shapes.Rules, REFUSED, scope=ADMIN,
    ),
    writing(
        "PUT", RULE, "changeRule", "Change a rule. Only for admins.",
        change_rule, shapes.NewRule, shapes.Rule, REFUSED, scope=ADMIN,
    ),
    writing(
        "DELETE", RULE, "deleteRule", "Remove a rule. Only for admins.",
        remove_rule, Nothing, shapes.Removed, REFUSED, scope=ADMIN,
    ),
    reading(
        f"{ONE}/decisions", "listDecisions", "What was decided about it by itself, and why.",
        list_decisions, Nothing, shapes.Decisions,
    ),
    writing(
        "POST", "/decisions/{decision}/correction", "correctDecision",
        "It was wrong: give the conversation to whom it belongs.",
        correct, shapes.Correct, shapes.Corrected, REFUSED, "changed",
    ),
)  # fmt: skip

STAFFING: Sequence[AnyRoute] = (
    reading("/hours", "listHours", "Working hours.", list_hours, Nothing, shapes.AllHours, scope=ADMIN),
    writing(
        "POST", "/hours", "addHours", "Make working hours. Only for admins.",
        save_hours, shapes.SaveHours, shapes.Hours, REFUSED, status=201, scope=ADMIN,
    ),
    writing(
        "PUT", HOURS, "saveHours", "Change working hours. Only for admins.",
        save_hours, shapes.SaveHours, shapes.Hours, REFUSED, scope=ADMIN,
    ),
    writing(
        "DELETE", HOURS, "deleteHours", "Remove working hours nobody goes by. Only for admins.",
        remove_hours, Nothing, shapes.Removed, REFUSED, scope=ADMIN,
    ),
    reading(
        "/service-levels", "listServiceLevels", "What is promised.", list_levels, Nothing, shapes.Levels,
        scope=ADMIN,
    ),
    writing(
        "POST", "/service-levels", "addServiceLevel", "Promise something. Only for admins.",
        save_level, shapes.SaveLevel, shapes.ServiceLevel, REFUSED, status=201, scope=ADMIN,
    ),
    writing(
        "PUT", LEVEL, "saveServiceLevel", "Change what is promised. Only for admins.",
        save_level, shapes.SaveLevel, shapes.ServiceLevel, REFUSED, scope=ADMIN,
    ),
    writing(
        "DELETE", LEVEL, "deleteServiceLevel", "Promise it no more. Only for admins.",
        remove_level, Nothing, shapes.Removed, REFUSED, scope=ADMIN,
    ),
    reading(
        TEAM_PLAN, "getTeamPlan", "How a team hands out its conversations.", get_team_plan, Nothing,
        shapes.TeamPlan, REFUSED, scope=ADMIN,
    ),
    writing(
        "PUT", TEAM_PLAN, "saveTeamPlan", "Change how a team hands them out. Only for admins.",
        save_team_plan, shapes.SaveTeamPlan, shapes.TeamPlan, REFUSED, scope=ADMIN,
    ),
    reading(
        AGENT_PLAN, "getAgentPlan", "What an agent can take.", get_agent_plan, Nothing, shapes.AgentPlan,
        REFUSED, scope=ADMIN,
    ),
    writing(
        "PUT", AGENT_PLAN, "saveAgentPlan", "Change what an agent can take. Only for admins.",
        save_agent_plan, shapes.SaveAgentPlan, shapes.AgentPlan, REFUSED, scope=ADMIN,
    ),
    reading(
        "/attendance", "listAttendance", "Who is there, and how much they have.", list_attendance, Nothing,
        shapes.Attendances,
    ),
    writing(
        "PUT", "/attendance", "chooseState", "Be online, away, on a break or offline from now on.",
        choose_state, shapes.ChooseState, shapes.Attendance, REFUSED,
    ),
)  # fmt: skip
