"""The price desk: a pack's ladder and quantity rules, and first prices from the market in one act."""

from __future__ import annotations

import re
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cooperative import points
from cooperative.roles import Role
from ground import clock, trail
from ground.db import db
from ground.errors import Conflict, Refusal
from ground.forms import Reader
from ground.ids import NOBODY
from ground.keys import claim
from ground.money import Money
from ground.web import Door, here, visitor
from inventory import ladders, market_quotes, packs, price_lists, price_seeds, pricing
from inventory.ladders import LARGEST_QUANTITY, LadderForm
from inventory.price_lists import Holders
from inventory.pricing import CountedOn, Mode

door = Door("prices", __name__, url_prefix="/office/<coop>/prices")
STAFF = (Role.COLLECTOR, Role.MANAGER, Role.TREASURER)
DESK = (Role.MANAGER,)
RUNGS_MOST, BLANK_ROWS = 20, 3


@door.get("/", who=STAFF)
def index(coop: str) -> str:
    """Every pack with its shop price, as the shop itself would answer."""
    home = here().cooperative
    found = packs.all_of(db.session, home.id)
    priced = price_lists.ladders_for(db.session, found, holders=Holders(), at=clock.now())
    return render_template(
        "admin/prices.html",
        packs=found,
        rungs={pack.id: pricing.rungs_shown(priced[pack.id], 1, home.currency) for pack in found},
        commodities=market_quotes.commodities(db.session, home.currency),
        points=points.all_of(db.session, home.id),
    )


@door.get("/<uuid:pack_id>", who=STAFF)
def show(coop: str, pack_id: UUID) -> str:
    """One pack's ladder as it is stored, with blank rows for more rungs."""
    home = here().cooperative
    pack = packs.find(db.session, home.id, pack_id)
    shop = price_lists.find_public(db.session, home.id)
    ladder = ladders.find(db.session, shop, pack.id) if shop else None
    sent = len([name for name in request.form if name.endswith("-price")])
    stored = (
        [(rung.quantity_min, str(Money(rung.unit_price_minor, home.currency).decimal)) for rung in ladder.rungs]
        if ladder and not sent  # Shown again, the rows are the writer's alone: another's rungs must not creep in.
        else []
    )
    rows = min(RUNGS_MOST, max(len(stored) + BLANK_ROWS, sent))
    return render_template(
        "admin/prices_pack.html",
        pack=pack,
        ladder=ladder,
        rungs=stored + [("", "")] * (rows - len(stored)),
        modes=list(Mode),
        counts=list(CountedOn),
    )


@door.post("/<uuid:pack_id>", who=DESK, action="price.set", again="prices.show")
def set(coop: str, pack_id: UUID) -> Response:
    """Save the ladder whole; what is wrong is said rung by rung, under the row it was typed in."""
    home = here().cooperative
    pack = packs.find(db.session, home.id, pack_id)
    shop = price_lists.public(db.session, home.id)
    stored = ladders.find(db.session, shop, pack.id)
    form, rows, seen = _ladder_form(home.currency, stored.per_content if stored else pack.content)
    try:
        ladder = ladders.set_ladder(db.session, shop, pack, form, seen=seen)
    except Conflict:
        raise
    except Refusal as refusal:
        raise Refusal(
            str(refusal), fields={_as_typed(name, rows): words for name, words in refusal.fields.items()}
        ) from None
    trail.about(db.session, ladder.id, pack=pack.name, rungs=[list(rung) for rung in form.rungs])
    db.session.commit()
    flash("The prices are saved and hold from now on.", "ok")
    return redirect(url_for("prices.show", coop=coop, pack_id=pack_id), 303)


@door.post("/seeds", who=DESK, action="price.seed", again="prices.index")
def seed(coop: str) -> Response:
    """Packs and ladders from the latest market quotes of the chosen commodities, in one act."""
    home = here().cooperative
    read = Reader(request.form)
    key, point_id = read.once(), read.id("point")
    chosen = [read.text(name) for name in read.names("commodity-") if re.fullmatch(r"commodity-[0-9]{1,3}", name)]
    if not chosen or len(chosen) > 100:
        read.fault("commodity", "Choose at least one commodity.")
    if point_id != NOBODY and points.find(db.session, home.id, point_id) is None:
        read.fault("point", "Choose one of the list.")
    read.done()
    back = url_for("prices.index", coop=coop)
    claim(db.session, principal=visitor(), key=key, body={**request.form}, location=back)
    seeded = price_seeds.seed(db.session, home, chosen, point_id=point_id)
    trail.about(db.session, home.id, products=[each.product.name for each in seeded])
    db.session.commit()
    return redirect(back, 303)


def _ladder_form(currency: str, per_content: int) -> tuple[LadderForm, list[int], int]:
    """What was typed, without its empty rows; the row that each rung was typed in; and the version that was changed."""
    read = Reader(request.form)
    rows = sorted(
        {
            int(found[1])
            for name in read.names("rung-")
            if (found := re.fullmatch(r"rung-([0-9]{1,3})-(?:from|price)", name))
        }
    )
    rungs, typed_in = [], []
    for row in rows:
        if read.raw(f"rung-{row}-from") is None and read.raw(f"rung-{row}-price") is None:
            continue
        start = read.whole(f"rung-{row}-from", least=1, most=LARGEST_QUANTITY)
        rungs.append((start, read.money(f"rung-{row}-price", currency).minor))
        typed_in.append(row)
    if len(rungs) > RUNGS_MOST:
        read.fault("rung-1-from", f"A ladder has at most {RUNGS_MOST} prices.")
    form = LadderForm(
        rungs=tuple(rungs),
        per_content=per_content,
        mode=read.choice("mode", Mode),
        counted_on=read.choice("counted_on", CountedOn),
        mix_group=read.text("mix_group", most=60, optional=True),
        quantity_min=read.whole("quantity_min", least=1, most=LARGEST_QUANTITY, optional=True) or None,
        quantity_max=read.whole("quantity_max", least=1, most=LARGEST_QUANTITY, optional=True) or None,
        increment=read.whole("increment", least=1, most=LARGEST_QUANTITY, optional=True) or 1,
    )
    seen = read.whole("version", most=10**9)
    read.done()
    return form, typed_in, seen


def _as_typed(field: str, rows: list[int]) -> str:
    """`rung-2-price` of the ladder is `rung-3-price` of the page where row 2 was left empty."""
    found = re.fullmatch(r"rung-([0-9]+)-(from|price)", field)
    if found is None or not rows:
        return field
    return f"rung-{rows[int(found[1]) - 1]}-{found[2]}"
