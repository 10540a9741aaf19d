"""What is owed: books, accounts, transfers, and the audit that proves them. Nothing here knows what an order or a payout is."""
