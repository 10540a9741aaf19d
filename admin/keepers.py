"""Keepers: every floor that keeps something about a person, lowest first."""

from __future__ import annotations

from cooperative import forgetting as accounts
from proceeds import forgetting as earnings
from storefront import forgetting as purchases

KEEPERS = (accounts.KEEPER, purchases.KEEPER, earnings.KEEPER)
