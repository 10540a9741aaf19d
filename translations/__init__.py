"""Translations: what the sources say, gathered, and what each language's catalogue says of it."""
