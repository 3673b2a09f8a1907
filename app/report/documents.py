"""Documents of the project in HTML, for pages that lead to them. They are in Markdown, and no HTML in them is kept."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it.token import Token

BREAK = "<br>"
# The files of the experiments, each of which has a page.
EXPERIMENT = re.compile(r"\.\./app/experiments/(\w+)\.py")


class Document(NamedTuple):
    title: str
    html: str


def document(markdown: str, beside: Collection[str]) -> Document:
    """Its links lead to the documents of these names beside it, to the pages of experiments, or elsewhere; those to
    other files are none here.
    """
    # Imported late: no server needs it to start.
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "smartquotes"])
    tokens = reader.parse(markdown)
    title = next(_words(token) for before, token in pairwise(tokens) if before.type == "heading_open")
    under = title
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            under = _words(token)
        elif token.type == "table_open":
            # A region that scrolls has to be reached by the keyboard.
            token.meta["label"] = under
        for child in token.children or ():
            _link(child, beside)
    for opened, token, closed in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opened.type == "th_open" and not token.content:
            opened.tag = closed.tag = "td"
    reader.add_render_rule("table_open", _table_open)
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    html = reader.renderer.render(tokens, reader.options, {})
    # The one tag that Markdown has no sign for inside a table.
    return Document(title, html.replace("&lt;br&gt;", BREAK))


def _words(token: "Token") -> str:
    """With the quotes of the page."""
    return "".join(child.content for child in token.children or ())


def _link(token: "Token", beside: Collection[str]) -> None:
    if token.type != "link_open":
        return
    address = str(token.attrs["href"])
    name = address.removesuffix(".md")
    if name in beside:
        token.attrs["href"] = name
    elif experiment := EXPERIMENT.fullmatch(address):
        token.attrs["href"] = f"../experiments/{experiment[1].replace('_', '-')}"
    elif address.startswith("https://"):
        token.attrs |= {"target": "_blank", "rel": "noopener"}
    else:
        del token.attrs["href"]


def _table_open(_: object, tokens: "Sequence[Token]", place: int, *__: object) -> str:
    from markupsafe import escape

    label = escape(tokens[place].meta["label"])
    return f'<div class="table" tabindex="0" role="region" aria-label="{label}"><table>\n'
