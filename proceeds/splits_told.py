"""What the street is told of a close: the settlement's own lines, put into the parts that a shopper knows."""

from __future__ import annotations

from sqlalchemy.orm import Session

from inventory.pool_splits import PARTS, PoolSplit
from inventory.pools import Pool
from proceeds.rules import To
from proceeds.waterfall import PoolLine, PoolResult

TRANSPORT_STEP = 4  # Transport, storage and processing [DOMAIN 6]; costs of any other step hang on the sale.
PART_OF = {
    To.HOLDBACK: "waiting", To.LATE: "waiting", To.FEES: "fees", To.LEVIES: "fees",
    To.MARGIN: "cooperative", To.STABILISATION: "cooperative",
}  # fmt: skip


def tell(session: Session, pool: Pool, result: PoolResult, *, growers: int, whole_minor: int) -> PoolSplit:
    """Write the split of a pool that was just closed; the database refuses one that does not sum up."""
    assert pool.closed_at is not None, "only what is closed is told"
    row = PoolSplit(
        cooperative_id=pool.cooperative_id, pool_id=pool.id, product_id=pool.product_id, season=pool.season,
        closed_at=pool.closed_at, currency=pool.currency, whole_minor=whole_minor, lost_minor=result.loss.minor,
        growers=growers, **{f"{part}_minor": minor for part, minor in parts_of(result).items()},
    )  # fmt: skip
    session.add(row)
    return row


def parts_of(result: PoolResult) -> dict[str, int]:
    """Minor units of each of PARTS: the growers' is what their claims sum to."""
    parts = dict.fromkeys(PARTS, 0) | {"growers": result.net.minor}
    for line in result.lines:
        if line.to is not None:
            parts[_part(line)] -= line.amount.minor
    return parts


def _part(line: PoolLine) -> str:
    assert line.to is not None
    if line.to is To.COSTS:
        return "transport" if line.step == TRANSPORT_STEP else "fees"
    return PART_OF[line.to]
