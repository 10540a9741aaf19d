"""Who we are: cooperatives and their by-laws, people and their roles, members and their shares, companies; the sign-in door."""
