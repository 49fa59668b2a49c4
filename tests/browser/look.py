#!/usr/bin/env python3
"""Looks at pages of the night in a real browser: FOLDER holds night.html and night.json.

At the widths of a phone and of a desk, light and dark: nothing scrolls sideways, no error comes to the console, every row of the data is on
the page and has a size once its part is open, and axe-core finds nothing serious. Leaves a picture of each in FOLDER.
"""

import json
import os
import sys
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
# Axe looks at each element: of a page of 20,000 rows that takes minutes, and tells nothing that one of 1,000 does not.
LARGE = 2_000
LOOKS_AT_LARGE = [(360, "light"), (1280, "dark")]
# A picture is no higher than this.
HIGHEST = 4_000
SERIOUS = {"serious", "critical"}


def faults_of(page, rows):
    """What is wrong with a page as it stands."""
    faults = []
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if wide > room:
        widest = page.evaluate(
            "Array.from(document.querySelectorAll('body *')).filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
            ".slice(0, 3).map(e => e.outerHTML.slice(0, 120))"
        )
        faults.append(f"it scrolls sideways: {wide} of {room} pixels: {widest}")
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    names = page.locator("table.rows tbody th[scope=row]").evaluate_all("heads => heads.map(head => head.firstChild.textContent)")
    if sorted(names) != sorted(rows):
        faults.append(f"{len(names)} rows are on the page, {len(rows)} in the data")
    unseen = page.locator("table.rows tbody tr:not(.place)").evaluate_all(
        "rows => rows.filter(row => row.getBoundingClientRect().height < 10 || !row.querySelector('svg path')).length"
    )
    if unseen:
        faults.append(f"{unseen} rows cannot be seen")
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if wide > room:
        faults.append(f"with everything open it scrolls sideways: {wide} of {room} pixels")
    if len(rows) <= LARGE:
        for finding in Axe().run(page).response["violations"]:
            if finding["impact"] in SERIOUS:
                where = [node["html"][:120] for node in finding["nodes"][:3]]
                faults.append(f"axe, {finding['impact']}: {finding['id']}: {finding['help']}: {where}")
    return faults


def rows_of(folder):
    document = json.loads((folder / "night.json").read_text())
    return [" ".join(row["name"].split()) for group in document["groups"] for row in group["rows"]]


def look(browser, folder, rows, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(f"console: {message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: said.append(f"asks for {request.url}") if request.url != page_url else None)
    page_url = (folder / "night.html").resolve().as_uri()
    page.goto(page_url)
    height = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
    page.set_viewport_size({"width": width, "height": height})
    page.screenshot(path=folder / f"night-{width}-{scheme}.png")
    page.set_viewport_size({"width": width, "height": 900})
    faults = faults_of(page, rows) + said
    context.close()
    return faults


def main():
    folders = [Path(name) for name in sys.argv[1:]]
    broken = 0
    with sync_playwright() as playwright:
        # Its sandbox needs rights that a container seldom has, and the pages are our own.
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        print(f"Chromium {browser.version}")
        for folder in folders:
            rows = rows_of(folder)
            for width, scheme in LOOKS if len(rows) <= LARGE else LOOKS_AT_LARGE:
                faults = look(browser, folder, rows, width, scheme)
                broken += len(faults)
                verdict = "as it should be" if not faults else "FAULTS"
                print(f"{folder}: {len(rows)} rows, {width} px, {scheme}: {verdict}", *faults, sep="\n    ")
        browser.close()
    if broken or not folders:
        sys.exit(f"{broken} faults in {len(folders)} pages")


if __name__ == "__main__":
    main()
