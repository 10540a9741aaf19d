"""Prices: observations of the market price database become market quotes, each unit read into base units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from admin.imports.factories import place as place_of
from admin.imports.sheets import Row, Tally, whole_name
from ground import clock
from ground.errors import Refusal
from ground.ids import new_id
from ground.money import DECIMALS, Money
from inventory.market_quotes import MarketQuote, PriceType, read_unit

COLUMNS = (
    "date", "province", "market", "latitude", "longitude", "category", "commodity", "unit", "price_type", "currency", "price",
)  # fmt: skip
KEY = ("observed_on", "market", "commodity", "unit_text", "price_type", "currency")


def take(session: Session, rows: Sequence[Row], *, currency: str = "KES") -> Tally:
    """Write what is new in one statement; the same observation with another price is refused. Each row names its currency."""
    tally = Tally()
    read: list[tuple[Row, dict[str, object]]] = []
    for row in rows:
        try:
            read.append((row, _quote(row)))
        except Refusal as refusal:
            tally.refuse(row, str(refusal))
    if not read:
        return tally
    columns = tuple(getattr(MarketQuote, name) for name in KEY)
    wanted = {tuple(quote[name] for name in KEY) for _, quote in read}
    there = {
        tuple(found[:-1]): found[-1]
        for found in session.execute(
            select(*columns, MarketQuote.price_minor).where(tuple_(*columns).in_(list(wanted)))
        )
    }
    fresh = []
    for row, quote in read:
        key = tuple(quote[name] for name in KEY)
        before = there.get(key)
        if before is None:
            there[key] = quote["price_minor"]
            fresh.append(quote)
            tally.new += 1
        elif before == quote["price_minor"]:
            tally.known += 1
        else:
            tally.refuse(
                row, f"This observation was taken before with the price {Money(before, row.values['currency'])}."
            )
    if fresh:
        session.execute(insert(MarketQuote), fresh)
    return tally


def _quote(row: Row) -> dict[str, object]:
    values = row.values
    for name in ("market", "commodity"):
        if reason := whole_name(values[name]):
            raise Refusal(reason.replace("The name", f"The {name}"))
    if values["currency"] not in DECIMALS:
        raise Refusal(f"We keep no books in {values['currency']!r}.")
    try:
        observed_on = date.fromisoformat(values["date"])
    except ValueError:
        raise Refusal(f"{values['date']!r} is no date such as 2021-04-15.") from None
    if len(values["date"]) != 10 or not 1990 <= observed_on.year <= clock.now().year:
        raise Refusal(f"{values['date']!r} is no day on which a price was seen.")
    try:
        price_type = PriceType(values["price_type"].lower())
    except ValueError:
        raise Refusal(f"{values['price_type']!r} is neither Retail nor Wholesale.") from None
    content = read_unit(values["unit"])
    price = Money.parse(values["price"], values["currency"], field="price")
    if price.minor <= 0:
        raise Refusal(f"The price {values['price']} is not above zero.")
    latitude, longitude, wrong = place_of(row)
    if wrong:
        raise Refusal(wrong)
    return {
        "id": new_id(),
        "created_at": clock.now(),
        "observed_on": observed_on,
        "province": values["province"],
        "market": values["market"],
        "latitude_udeg": latitude,
        "longitude_udeg": longitude,
        "category": values["category"],
        "commodity": values["commodity"],
        "unit_text": values["unit"],
        "unit": content.unit,
        "content": content.amount,
        "price_type": price_type,
        "currency": values["currency"],
        "price_minor": price.minor,
    }
