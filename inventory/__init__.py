"""What we have: products, packs, price ladders, deliveries, pools, lots, stock and holds."""
