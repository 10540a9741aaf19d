"""How money comes in: catalogue, carts, checkout, orders, refunds and invoices; the buyer's door."""
