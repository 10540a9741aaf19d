"""How money goes out: pool settlement, statements, payouts and their rails; the member's door."""
