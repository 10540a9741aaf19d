"""What a product's page tells machines: schema.org's words for it, with one offer for each rung of each pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import current_app, url_for

from cooperative.cooperatives import Cooperative
from ground.money import DECIMALS, Money
from inventory import pricing
from inventory.packs import Pack
from inventory.pricing import LadderView
from inventory.products import Product
from storefront.views.pictures import photo_of, picture_of


def address_of(path: str) -> str:
    """A path as the world knows it."""
    return f"{current_app.config['PUBLIC_URL']}{path}"


def picture_at(product: Product) -> str:
    """One picture for cards elsewhere: its photograph, else its render; nothing where there is neither."""
    assets = current_app.extensions["assets"]
    if product.photo is not None and photo_of(product) is not None:
        return address_of(url_for("photos.show", name=f"{product.photo.key}-640.jpg"))
    render = picture_of(product)
    return address_of(assets.asset(f"img/{render}-640.webp")) if render else ""


def product_data(
    owner: Cooperative, product: Product, sizes: Sequence[Pack], ladders: Mapping[UUID, Sequence[LadderView]] | None
) -> dict[str, Any]:
    """For a data block in the page. Without `ladders` no prices: what a company agreed on is not written down for machines."""
    said = product.said
    told: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "Product", "name": said.name, "url": _page(owner, product),
        "brand": {"@type": "Organization", "name": owner.name},
    }  # fmt: skip
    if said.description:
        told["description"] = said.description
    if picture := picture_at(product):
        told["image"] = picture
    offers = [offer for pack in sizes for offer in _offers(owner, product, pack, (ladders or {}).get(pack.id, ()))]
    return told | {"offers": offers} if offers else told


def _offers(owner: Cooperative, product: Product, pack: Pack, ladders: Sequence[LadderView]) -> list[dict[str, Any]]:
    state = "InStock" if pack.available else "OutOfStock"
    return [
        {
            "@type": "Offer", "name": pack.name, "sku": pack.sku, "price": _plain(rung.unit_price),
            "priceCurrency": rung.unit_price.currency, "availability": f"https://schema.org/{state}",
            "url": f"{_page(owner, product)}?pack={pack.sku}", "seller": {"@type": "Organization", "name": owner.name},
            "eligibleQuantity": {"@type": "QuantitativeValue", "minValue": rung.quantity_min}
            | ({"maxValue": rung.quantity_until} if rung.quantity_until else {}),
        }
        for rung in pricing.rungs_shown(ladders, 1, owner.currency)
    ]  # fmt: skip


def _plain(price: Money) -> str:
    return f"{price.decimal:.{DECIMALS[price.currency]}f}"


def _page(owner: Cooperative, product: Product) -> str:
    return address_of(url_for("catalogue.product", coop=owner.slug, slug=product.slug))
