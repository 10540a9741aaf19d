"""What every page owes a reader: its faults, in words."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import lxml.html

BYTES_MOST = 60_000
ASKS = "//input[not(@type='hidden' or @type='submit' or @type='button')] | //select | //textarea"


def faults(text: str) -> list[str]:
    """Everything that is wrong with this page; an empty list for a good one."""
    page = lxml.html.fromstring(text)
    found = [f"{len(text.encode())} bytes"] if len(text.encode()) > BYTES_MOST else []
    if len(page.xpath("//h1")) != 1:
        found.append(f"{len(page.xpath('//h1'))} h1")
    found += [f"an empty {each.tag}" for each in page.xpath("//h1 | //h2 | //title") if not each.text_content().strip()]
    if not page.xpath("/html/@lang"):
        found.append("no language")
    if len(page.xpath("//main")) != 1 or not page.xpath("//title"):
        found.append("no single main, or no title")
    ids = Counter(page.xpath("//@id"))
    found += [f"id {id} {count} times" for id, count in ids.items() if count > 1]
    found += [f"no label: {lxml.html.tostring(each)[:120]!r}" for each in page.xpath(ASKS) if not _named(page, each)]
    found += [f"style= on {each.tag}" for each in page.xpath("//*[@style]")] + ["<style>"] * len(page.xpath("//style"))
    found += [f"inline script {each.text[:60]!r}" for each in page.xpath("//script[not(@src)]") if _runs(each)]
    for each in page.iter():
        if isinstance(each.tag, str):
            found += [
                f"{name} on {each.tag}" for name in each.attrib if name.lower().startswith("on") and name != "one"
            ]
    found += [
        f"javascript: in {href}" for href in page.xpath("//@href | //@action") if href.lower().startswith("javascript:")
    ]
    found += [
        f"a link to nowhere: {each.text_content()!r}" for each in page.xpath("//a[not(@href) or @href='' or @href='#']")
    ]
    for attribute in ("aria-describedby", "aria-labelledby", "for", "aria-controls", "form"):
        for target in page.xpath(f"//@{attribute}"):
            found += [f"{attribute} points at no {id}" for id in target.split() if id not in ids]
    found += [
        f"nothing is called {href}" for href in page.xpath("//a/@href") if href.startswith("#") and href[1:] not in ids
    ]
    found += ["a picture without alt"] * len(page.xpath("//img[not(@alt)]"))
    found += [f"a form by {form.get('method')}" for form in page.xpath("//form") if not _works(form)]
    found += [
        f"a button says nothing: {lxml.html.tostring(each)[:100]!r}"
        for each in page.xpath("//button")
        if not _says(each)
    ]
    return found


def _named(page: Any, control: Any) -> bool:
    labels = page.xpath("//label[@for=$id]", id=control.get("id")) if control.get("id") else []
    labels += control.xpath("ancestor::label")
    return bool(control.get("aria-label") or control.get("aria-labelledby")) or any(_says(label) for label in labels)


def _says(each: Any) -> bool:
    return bool(each.get("aria-label") or each.text_content().strip())


def _runs(script: Any) -> bool:
    """An import map names files, and the page's policy knows it by its hash; data for machines is JSON that closes no tag;
    everything else would run."""
    if script.get("type") == "application/ld+json":
        return "<" in (script.text or "<") or not isinstance(json.loads(script.text), dict)
    return script.get("type") != "importmap"


def _works(form: Any) -> bool:
    """Without a script: a method, and a button to press."""
    pressed = form.xpath(".//button[not(@type='button')] | .//input[@type='submit']")
    return form.get("method", "get").lower() in ("get", "post") and bool(pressed)
