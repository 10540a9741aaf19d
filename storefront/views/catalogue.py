"""The catalogue, a cooperative's own shelf, and a product with its ladder."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, request, url_for

from cooperative import cooperatives, points
from cooperative.cooperatives import Cooperative
from ground import clock
from ground.db import db
from ground.forms import DIGITS
from ground.web import PUBLIC, Door, here, kept
from inventory import lexicon, packs, pool_splits, price_lists, products
from inventory.packs import Pack
from inventory.price_lists import Holders
from storefront import catalogue, facets, finder
from storefront.catalogue import Shelf
from storefront.outlooks import Promise, Street
from storefront.views import filters, frame
from storefront.views.asked import QUERY_KEYS, Asked
from storefront.views.product_data import picture_at, product_data

door = Door("catalogue", __name__)


@door.get("/products", who=PUBLIC, cached=kept(*QUERY_KEYS[1:], ends=price_lists.next_change))
def index() -> str:
    """All produce: `?q=` words, then filters of which each may be said more than once, an order and a page."""
    asked = Asked.read(request.args)
    holders = frame.my_holders()
    owners = cooperatives.listed_as(db.session, asked.values["from"])
    asked = asked.only_from([owner.slug for owner in owners])
    question = asked.question(owners)
    found = finder.find(db.session, question)
    shelf = catalogue.shelf(db.session, found, holders)
    counted = facets.count(db.session, question, found.understood)
    return frame.page(
        "storefront/catalogue.html", here_is="produce", shelf=shelf, asked=asked, query=asked.words,
        promises=_promises(shelf, frame.street({each.cooperative.id for each in shelf.offered}, holders)),
        taken=_taken(asked, shelf),
        homes=cooperatives.at_home(db.session, question.words) if shelf.page == 1 and not asked.filters else (),
        **filters.shown(db.session, asked, owners, counted), **_instead(asked, shelf, holders),
        pages=[(str(each), _at(asked.at(each)), each == shelf.page) for each in _near(shelf.page, shelf.pages)],
        before=_at(asked.at(shelf.page - 1)) if shelf.page > 1 else "",
        after=_at(asked.at(shelf.page + 1)) if shelf.page < shelf.pages else "",
    )  # fmt: skip


def _taken(asked: Asked, shelf: Shelf) -> list[tuple[str, str]]:
    """Words as they were typed, and what was looked for in their place."""
    stems = [(said, lexicon.stem(said)) for said in lexicon.fold(asked.words).split()]
    return [(said, shelf.instead[stem]) for said, stem in stems if stem in shelf.instead]


def _at(asked: Asked) -> str:
    return url_for("catalogue.index") + asked.query()


def _instead(asked: Asked, shelf: Shelf, holders: Holders) -> dict[str, Any]:
    """What to offer where nothing was found: near spellings that find something, the words one by one, other produce."""
    if shelf.offered:
        return {"meant": [], "other": ()}
    meant = [(words, _at(asked.anywhere().reworded(words))) for words in finder.suggestions(db.session, asked.words)]
    return {"meant": meant, "other": catalogue.find(db.session, holders=holders).offered[:5]}


@door.get("/cooperatives/<coop>", who=PUBLIC, cached=kept("page", of_cooperative=True, ends=price_lists.next_change))
def cooperative(coop: str) -> str:
    """One cooperative: who they are, where they are, and what they sell."""
    owner = _on_the_market()
    holders = frame.my_holders()
    shelf = catalogue.find(db.session, holders=holders, cooperative_ids=[owner.id], page=_page())
    places = points.all_of(db.session, owner.id)
    pages = [(str(each), f"?page={each}", each == shelf.page) for each in _near(shelf.page, shelf.pages)]
    street = frame.street([owner.id], holders)
    return frame.page(
        "storefront/cooperative.html", here_is="cooperatives", owner=owner, shelf=shelf, places=places, pages=pages,
        promises=_promises(shelf, street), windows=street.of(owner.id).windows[:4],
        money_split=pool_splits.of_cooperative(db.session, owner.id),
    )  # fmt: skip


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
    point = pack.heap.point
    priced = [(size, catalogue.answer_for(size, owner.currency, ladders[size.id], 1).per) for size in sizes]
    others = catalogue.find(db.session, holders=holders, cooperative_ids=[owner.id]).offered
    frame.shows_stock(sizes)
    promise = frame.street([owner.id], holders).promise(owner, found.id)
    return frame.page(
        "storefront/product.html", here_is="produce", owner=owner, product=found, sizes=priced, pack=pack, answer=answer,
        promise=promise, wrong=wrong, short=short, point=point, address=url_for("catalogue.product", coop=coop, slug=slug),
        money_split=pool_splits.of_product(db.session, owner.id, found.id), card_picture=picture_at(found),
        product_data=product_data(owner, found, sizes, ladders if here().person is None else None),
        others=[each for each in others if each.product.id != found.id and each.available][:5],
    )  # fmt: skip


def _promises(shelf: Shelf, street: Street) -> dict[UUID, Promise]:
    """For each product on this page until when it can be ordered, and for when."""
    return {each.product.id: street.promise(each.cooperative, each.product.id) for each in shelf.offered}


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
