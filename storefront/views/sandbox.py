"""The sandbox's payment page: what the provider would show, so that a newcomer can pay without keys. No money moves here."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug import Response

from ground.db import db
from ground.forms import Reader
from ground.stripe.sandbox import Outcome, Sandbox, SandboxPage
from ground.web import PUBLIC, Door
from storefront.views import frame

door = Door("sandbox", __name__, url_prefix="/sandbox/checkout")


@door.get("/<id>", who=PUBLIC)
def show(id: str) -> str | Response:
    """The page, while it is open; a paid one leads back to the shop."""
    page = _page(id)
    if page.status == "complete":
        return redirect(page.success_url, 303)
    return render_template("storefront/sandbox.html", page=page)


@door.post("/<id>", who=PUBLIC, action="sandbox.pay", again="sandbox.show")
def pay(id: str) -> Response:
    """A test card is typed. The order is paid only when the signed webhook has come and the worker has looked."""
    read = Reader(request.form)
    number = read.text("card", most=30)
    read.done()
    page = _page(id)
    db.session.commit()
    return _onward(page, _sandbox().pay(id, "".join(number.split())))


@door.post("/<id>/bank", who=PUBLIC, action="sandbox.bank", again="sandbox.show")
def bank(id: str) -> Response:
    """The customer's answer to their bank's question."""
    read = Reader(request.form)
    agreed = read.tick("agreed")
    read.done()
    page = _page(id)
    db.session.commit()
    return _onward(page, _sandbox().authenticate(id, agreed))


def _onward(page: SandboxPage, outcome: Outcome) -> Response:
    if outcome.status == "paid":
        return redirect(page.success_url, 303)
    return redirect(url_for("sandbox.show", id=page.id), 303)


def _sandbox() -> Sandbox:
    sandbox = frame.till().gateway.sandbox
    if sandbox is None:
        abort(404)
    return sandbox


def _page(id: str) -> SandboxPage:
    page = _sandbox().page(id[:200])
    if page is None:
        abort(404)
    return page
