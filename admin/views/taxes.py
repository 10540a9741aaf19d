"""Sales taxes: what the cooperative charges from which day, and on what ground."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from admin import percents
from cooperative import bylaws, people
from cooperative.roles import Role
from ground import clock, keys, trail
from ground.db import db
from ground.forms import Reader
from ground.web import Door, here, visitor
from inventory.products import TaxClass
from storefront import tax_rules
from storefront.taxes import BYLAW, Rate, TaxMode, TaxRules

door = Door("taxes", __name__, url_prefix="/office/<coop>/taxes")
READERS = (Role.MANAGER, Role.TREASURER)


@door.get("/", who=READERS)
def show(coop: str) -> str:
    """The rules of today, every version so far, and the form for the next."""
    home = here().cooperative
    versions = bylaws.versions(db.session, home.id, BYLAW)
    return render_template(
        "admin/taxes.html", now=tax_rules.in_force(db.session, [home])[home.id], modes=list(TaxMode),
        versions=[(each, TaxRules.parse(each.rules)) for each in reversed(versions)], standard=TaxClass.STANDARD,
        reduced=TaxClass.REDUCED, people=people.find_many(db.session, {each.approved_by_id for each in versions}),
        today=clock.now().astimezone(home.zone).date(), may_decide=Role.MANAGER in here().roles,
    )  # fmt: skip


@door.post("/", who=(Role.MANAGER,), action="tax.adopt", again="taxes.show", step_up=True)
def adopt(coop: str) -> Response:
    """The next version; orders placed before it keep their tax."""
    home = here().cooperative
    read = Reader(request.form)
    key, name, mode = read.once(), read.text("name", most=40), read.choice("mode", TaxMode)
    registered, include = read.tick("registered"), read.tick("prices_include")
    number, source = read.text("number", most=40, optional=True), read.text("source", least=3)
    rates = {TaxClass.STANDARD: percents.bps(read, "standard"), TaxClass.REDUCED: percents.bps(read, "reduced")}
    begins = read.day("effective_from")
    read.done()
    assert begins is not None
    keys.claim(
        db.session, principal=visitor(), key=key, body={**request.form}, location=url_for("taxes.show", coop=coop)
    )
    rules = TaxRules(
        registered, mode, include, number, {each: (Rate(name, bps),) for each, bps in rates.items() if bps}
    )
    made = tax_rules.adopt(db.session, home.id, rules, effective_from=begins, source=source, by=here().person.id)
    trail.about(db.session, made.id, version=made.version, source=source)
    db.session.commit()
    flash("The tax rules are adopted.", "ok")
    return redirect(url_for("taxes.show", coop=coop), 303)
