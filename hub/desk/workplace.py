"""What holds for everybody who answers: what conversations weigh, when somebody is away. Admins only."""

from hub.contract.capabilities import Surface
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.rules import tell
from hub.desk.teams import only_admins
from hub.dispatch import drain
from hub.model.people import Agent
from hub.model.staffing import WEIGHTS, Workplace

WEIGHT_MOST, IDLE_MOST = 50, 24 * 60


async def workplace(desk: Desk, by: Agent) -> Workplace:
    """Raises NotAllowed."""
    only_admins(by)
    return (await desk.dispatch.office()).workplace


async def save_workplace(desk: Desk, by: Agent, wanted: Workplace, *, address: str = "") -> Workplace:
    """What agents have is weighed anew, and what waits is handed out. Raises NotAllowed, NotPossible."""
    only_admins(by)
    unknown = set(wanted.weights) - {str(each) for each in Surface}
    if unknown or not all(1 <= each <= WEIGHT_MOST for each in wanted.weights.values()):
        raise NotPossible("weight_wrong", most=WEIGHT_MOST)
    if wanted.idle_minutes is not None and not 1 <= wanted.idle_minutes <= IDLE_MOST:
        raise NotPossible("idle_wrong", most=IDLE_MOST)
    unusual = {key: weight for key, weight in wanted.weights.items() if WEIGHTS[key] != weight}
    kept = Workplace(weights=unusual, idle_minutes=wanted.idle_minutes)
    was = await workplace(desk, by)
    if kept == was:
        return kept
    await desk.store.rules.save(kept)
    said = {key: str(kept.weight_of(key)) for key in WEIGHTS if kept.weight_of(key) != was.weight_of(key)}
    await tell(desk, by, "workplace_saved", "", "", address, said)
    await desk.store.workloads.repair()
    await drain(desk.dispatch, list((await desk.dispatch.office()).teams), "plan")
    return kept
