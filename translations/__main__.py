"""`bin/words`: bring the catalogues up to date with the sources and say what is missing. Ends with 1 while anything is."""

from __future__ import annotations

import sys

from translations import catalogues, gather


def main() -> int:
    said = 0
    if "--check" not in sys.argv[1:]:
        for code in catalogues.languages():
            came, went = catalogues.update(code)
            print(f"{code}: {came} new, {went} gone, {len(gather.sentences())} in all")
    for path in gather.street_templates():
        for words in gather.unwrapped(path.read_text()):
            print(f"{path.relative_to(gather.ROOT)}: not wrapped: {words!r}")
            said += 1
    for code in catalogues.languages():
        for line in catalogues.missing(code):
            print(line)
            said += 1
    print(f"{said} to do" if said else "nothing is missing")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
