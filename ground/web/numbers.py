"""Numbers in addresses: as people write them, and none larger than the database holds."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter


class Number(IntegerConverter):
    """`<int:number>`. Werkzeug's own takes digits of every script and of any length, up to where Python itself refuses."""

    regex = "[0-9]{1,15}"
