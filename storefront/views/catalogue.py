"""The catalogue, a cooperative's own shelf, and a product with its ladder."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import abort, request, url_for

from cooperative import cooperatives, points
from cooperative.cooperatives import Cooperative
from ground import clock
from ground.db import db
from ground.forms import DIGITS
from ground.web import PUBLIC, Door, here, kept
from inventory import packs, price_lists, products
from inventory.packs import Pack
from inventory.products import Kind
from storefront import catalogue
from storefront.views import frame
from storefront.views.pictures import DEPARTMENTS

door = Door("catalogue", __name__)


@door.get("/products", who=PUBLIC, cached=kept("from", "kind", "page", ends=price_lists.next_change))
def index() -> str:
    """`?q=` words, `?from=` cooperatives by their address, `?kind=` shelves (more than one may be ticked), `?page=`."""
    words = " ".join(request.args.get("q", "").split())[:100]
    owners = cooperatives.listed(db.session)
    ticked, kinds = set(request.args.getlist("from")), set(request.args.getlist("kind"))
    chosen = [owner.id for owner in owners if owner.slug in ticked]
    shelves = [kind for kind in Kind if kind.value in kinds]
    number = _page()
    holders = frame.my_holders()
    shelf = catalogue.find(db.session, holders=holders, words=words, cooperative_ids=chosen, kinds=shelves, page=number)
    of_owner = catalogue.counts(db.session, words=words, kinds=shelves)
    of_kind = catalogue.kind_counts(db.session, words=words, cooperative_ids=chosen)
    given = [("q", words)] * bool(words) + [("kind", kind.value) for kind in shelves]
    given += [("from", owner.slug) for owner in owners if owner.slug in ticked]

    def to(number: int = 1, without: tuple[str, str] | None = None) -> str:
        asked = [each for each in given if each != without] + [("page", str(number))] * (number > 1)
        return url_for("catalogue.index") + (f"?{urlencode(asked)}" if asked else "")

    return frame.page(
        "storefront/catalogue.html", here_is="produce", shelf=shelf, query=words,
        owners=[(owner.slug, owner.name, of_owner.get(owner.id, 0), owner.slug in ticked) for owner in owners],
        kinds=[(kind.value, str(words), of_kind.get(kind, 0), kind in shelves) for kind, words in DEPARTMENTS.items()
               if kind in of_kind or kind in shelves],
        applied=[(str(DEPARTMENTS[kind]), to(without=("kind", kind.value))) for kind in shelves]
        + [(owner.name, to(without=("from", owner.slug))) for owner in owners if owner.slug in ticked],
        everywhere=url_for("catalogue.index", q=words or None) if ticked or kinds else "",
        instead=() if shelf.offered else catalogue.find(db.session, holders=holders).offered[:5],
        pages=[(str(each), to(each), each == shelf.page) for each in _near(shelf.page, shelf.pages)],
        before=to(number - 1) if number > 1 else "", after=to(number + 1) if number < shelf.pages else "",
    )  # fmt: skip


@door.get("/cooperatives/<coop>", who=PUBLIC, cached=kept("page", of_cooperative=True, ends=price_lists.next_change))
def cooperative(coop: str) -> str:
    """One cooperative: who they are, where they are, and what they sell."""
    owner = _on_the_market()
    shelf = catalogue.find(db.session, holders=frame.my_holders(), cooperative_ids=[owner.id], page=_page())
    places = points.all_of(db.session, owner.id)
    pages = [(str(each), f"?page={each}", each == shelf.page) for each in _near(shelf.page, shelf.pages)]
    return frame.page(
        "storefront/cooperative.html", here_is="cooperatives", owner=owner, shelf=shelf, places=places, pages=pages
    )


A_PRODUCT = kept(
    "pack", "quantity", "take", dropped=("cooperative", "csrf_token"), of_cooperative=True, ends=price_lists.next_change
)


@door.get("/cooperatives/<coop>/products/<slug>", who=PUBLIC, cached=A_PRODUCT)
def product(coop: str, slug: str) -> str:
    """A product and its price; `?pack=` chooses the pack, `?quantity=` climbs the ladder."""
    owner = _on_the_market()
    found = products.find_by_slug(db.session, owner.id, slug)
    if found is None or found.listed_at is None:
        abort(404)
    sizes = packs.of_product(db.session, owner.id, found.id, listed_only=True)
    if not sizes:
        abort(404)
    pack = _chosen(sizes)
    holders = frame.my_holders()
    ladders = price_lists.ladders_for(db.session, sizes, holders=holders, at=clock.now())
    quantity, wrong = frame.asked_quantity()
    answer = catalogue.answer_for(pack, owner.currency, ladders[pack.id], quantity)
    if answer.tag is None and answer.suggestions and not wrong and "quantity" not in request.args:
        answer = catalogue.answer_for(pack, owner.currency, ladders[pack.id], answer.suggestions[0])
    short = answer.tag is not None and quantity > pack.available
    point = points.find(db.session, owner.id, pack.heap.point_id)
    priced = [(size, catalogue.answer_for(size, owner.currency, ladders[size.id], 1).per) for size in sizes]
    others = catalogue.find(db.session, holders=holders, cooperative_ids=[owner.id], counted=False).offered
    frame.shows_stock(sizes)
    return frame.page(
        "storefront/product.html", here_is="produce", owner=owner, product=found, sizes=priced, pack=pack, answer=answer,
        wrong=wrong, short=short, point=point, address=url_for("catalogue.product", coop=coop, slug=slug),
        others=[each for each in others if each.product.id != found.id and each.available][:5],
    )  # fmt: skip


def _on_the_market() -> Cooperative:
    owner = here().cooperative
    if owner.listed_at is None or owner.closed_at is not None:
        abort(404)
    return owner


def _chosen(sizes: list[Pack]) -> Pack:
    told = request.args.get("pack", "")
    return next((pack for pack in sizes if pack.sku == told or str(pack.id) == told), sizes[0])


def _page() -> int:
    told = request.args.get("page", "1")
    return min(int(told), 10_000) if DIGITS.fullmatch(told) and int(told) > 0 else 1


def _near(page: int, pages: int) -> list[int]:
    return [each for each in range(1, pages + 1) if each in (1, pages) or abs(each - page) <= 2]
