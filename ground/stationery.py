"""Stationery: one letter spelled twice, as plain text and as HTML that asks no other host for anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from ground import words


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a letter says, in the language spoken now. Both spellings hold every word of it and nothing else."""

    greeting: str
    paragraphs: Sequence[str]
    rows: Sequence[tuple[str, str]] = ()
    total: tuple[str, str] | None = None
    link: tuple[str, str] | None = None
    foot: Sequence[str] = ()

    def text(self) -> str:
        """For a reader of plain text, and for who does not trust HTML."""
        parts = [self.greeting, *self.paragraphs]
        rows = [*self.rows, *([self.total] if self.total else [])]
        if rows:
            parts.append("\n".join(f"{what}: {amount}" if amount else what for what, amount in rows))
        foot = [f"{self.link[0]}: {self.link[1]}"] if self.link else []
        return "\n\n".join([*parts, "\n".join([*foot, *self.foot])]).rstrip() + "\n"

    def html(self, sender: str) -> str:
        """For a mail program: tables and styles in the tags, since many read nothing else; dark where the reader's is dark.

        No picture, no font, no script, nothing to fetch: opening it tells nobody anything.
        """
        said = [_paragraph(part) for part in (self.greeting, *self.paragraphs)]
        if self.rows or self.total:
            said.append(_table(self.rows, self.total))
        if self.link:
            said.append(_button(*self.link))
        foot = Markup("<br>").join(escape(line) for line in self.foot)
        return _PAGE.format(
            lang=words.language(), dir=words.direction(), sender=sender, body=Markup("").join(said), foot=foot,
        )  # fmt: skip


INK, QUIET, PAPER, CARD, LEAF, RULE = "#1d2321", "#59625d", "#f3f1ea", "#ffffff", "#1f6b3b", "#d9ddd8"
FACE = "font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans',Helvetica,Arial,sans-serif"

_DARK = (
    "@media (prefers-color-scheme:dark){.paper{background:#151a18!important}.card{background:#1f2623!important}"
    ".card,.card td,.card p{color:#eef1ee!important}.quiet{color:#a9b3ad!important}"
    ".go{background:#7fd39b!important;color:#10251a!important}}"
)
_TABLE = 'role="presentation" width="100%" cellpadding="0" cellspacing="0"'
_PAGE = Markup(  # noqa: S704  (our own words; what fills its gaps is escaped)
    '<!doctype html>\n<html lang="{lang}" dir="{dir}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    f"<title>{{sender}}</title><style>{_DARK.replace('{', '{{').replace('}', '}}')}</style></head>\n"
    f'<body class="paper" style="margin:0;padding:0;background:{PAPER}">\n'
    f'<table {_TABLE} class="paper" style="background:{PAPER}"><tr><td align="center" style="padding:24px 12px">\n'
    f'<table {_TABLE} class="card" style="max-width:560px;background:{CARD};border-top:4px solid {LEAF};border-radius:12px;'
    f'{FACE};color:{INK};font-size:16px;line-height:1.5;text-align:start">\n'
    '<tr><td style="padding:24px 24px 8px">{body}</td></tr>\n'
    f'<tr><td class="quiet" style="padding:8px 24px 24px;color:{QUIET};font-size:13px">{{foot}}</td></tr>\n'
    "</table></td></tr></table></body></html>\n"
)


def _paragraph(part: str) -> Markup:
    lines = Markup("<br>").join(escape(line) for line in part.split("\n"))
    return Markup('<p style="margin:0 0 16px">{}</p>').format(lines)


def _table(rows: Sequence[tuple[str, str]], total: tuple[str, str] | None) -> Markup:
    row = Markup(
        '<tr><td style="padding:6px 12px 6px 0;border-bottom:1px solid {rule}{strong}">{what}</td>'
        '<td align="right" style="padding:6px 0;border-bottom:1px solid {rule};white-space:nowrap{strong}">{amount}</td></tr>'
    )
    lines = [row.format(rule=RULE, strong="", what=what, amount=amount) for what, amount in rows]
    if total:
        lines.append(row.format(rule=LEAF, strong=";font-weight:600", what=total[0], amount=total[1]))
    return Markup(
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 20px">{}</table>'
    ).format(Markup("").join(lines))


def _button(label: str, href: str) -> Markup:
    """The way to press, and the same address to read: a link whose target is hidden is how people are tricked."""
    return Markup(
        '<p style="margin:0 0 8px"><a class="go" href="{href}" style="display:inline-block;padding:12px 20px;background:{leaf};'
        'color:#ffffff;border-radius:8px;text-decoration:none;font-weight:600">{label}</a></p>'
        '<p class="quiet" style="margin:0 0 16px;font-size:13px;color:{quiet};word-break:break-all">{href}</p>'
    ).format(href=href, label=label, leaf=LEAF, quiet=QUIET)
