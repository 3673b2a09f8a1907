"""Files that the page saves, read back."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.reading import choose_action, settled

SVG = "{http://www.w3.org/2000/svg}"


def saved_file(page: Page, name: str, folder: Path, role: Literal["button", "link"] = "button") -> Path:
    choose_action(page, "Export")
    with page.expect_download() as download:
        page.get_by_role(role, name=name).click()
    if role == "button":
        expect(page.get_by_role("button", name=name)).to_be_hidden()
    else:
        page.keyboard.press("Escape")
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def told_of(page: Page) -> dict:
    """The run on show, once all of it is drawn, as the server exports it."""
    settled(page)
    return page.evaluate(
        "fetch(location.pathname.replace('/runs/', '/api/runs/') + '/export.json').then(a => a.json())"
    )


class Picture:
    """An SVG of a chart, read back into values by the ticks on its axes."""

    def __init__(self, file: Path) -> None:
        self.root = ElementTree.parse(file).getroot()
        self.texts = [(node.get("text-anchor"), node.text, node) for node in self.root.iter(f"{SVG}text")]
        self.words = [text for _, text, _ in self.texts]

    def line(self, colour: str) -> np.ndarray:
        """The bold line of a lane, of shape (points, 2)."""
        (path,) = (
            node
            for group in self.root.iter(f"{SVG}g")
            if group.get("clip-path")
            for node in group.iter(f"{SVG}path")
            if (node.get("stroke"), node.get("stroke-width"), node.get("stroke-opacity")) == (colour, "2", "1")
        )
        points = np.array([pair.split() for pair in re.split("[ML]", path.get("d"))[1:]], float)
        return np.column_stack([self._scale("middle", "x")(points[:, 0]), self._scale("end", "y")(points[:, 1])])

    def _scale(self, anchor: str, name: str) -> Callable[[np.ndarray], np.ndarray]:
        """From places to values: axes are linear here."""
        ticks = [
            (float(node.get(name)) - (0.35 * 11 if name == "y" else 0), float(text.rstrip("%")))
            for each, text, node in self.texts
            if each == anchor and re.fullmatch(r"[\d.]+%?", text)
        ]
        (low, least), *_, (high, most) = ticks
        return lambda places: least + (places - low) * (most - least) / (high - low)
