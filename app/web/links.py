"""What other sites and screens need to show a run or a sweep: its oEmbed answer, and QR codes of addresses here."""

import re
from functools import lru_cache, partial
from html import escape
from io import BytesIO
from typing import Annotated, Any
from urllib.parse import quote, unquote

import segno
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from app.errors import RunNotFound
from app.report.caption import title_of
from app.report.social_card import HEIGHT as CARD_HEIGHT
from app.report.social_card import WIDTH as CARD_WIDTH
from app.report.story import story
from app.report.sweeps.caption import title_of_sweep
from app.report.sweeps.picture import HEIGHT as PICTURE_HEIGHT
from app.runs.history import Kind
from app.runs.run import Run
from app.sweeps.sweep import Sweep
from app.web.address import public_url, run_path
from app.web.admission.admission import Admission
from app.web.admission.error_answers import failure
from app.web.json_answer import json_answer
from app.web.schemas import FAILURES, Embedding
from app.web.work_queue import WorkQueue

# What an embedded race looks best in.
WIDTH, HEIGHT = 800, 600
A_DAY = 86_400
# In printable ASCII, as an address is; two slashes would lead to another server.
OWN_PATH = r"^/(?:[!-.0-\[\]-~][!-~]*)?$"
# Room for a link with every setting of six lanes.
LONGEST_PATH = 1200
A_RUN = re.compile(r"/(?:runs|embed)/([^/?#]+)/?(?:[?#].*)?$")
A_SWEEP = re.compile(r"/(?:embed/)?sweeps/([^/?#]+)/?(?:[?#].*)?$")

Size = Annotated[int | None, Query(ge=1, le=100_000, description="In pixels.")]


def link_routes(admission: Admission, dataset_name: str, work_queue: WorkQueue, fixed: bool) -> APIRouter:
    """Routes over the runs of `admission`; `fixed` if this server's address does not depend on who asks."""
    router = APIRouter(tags=["links"], responses=FAILURES)

    @router.head("/oembed", include_in_schema=False)
    @router.get("/oembed", response_model=Embedding)
    async def get_oembed(
        request: Request,
        url: Annotated[str, Query(max_length=2000, description="The address of a run or a sweep here.")],
        maxwidth: Size = None,
        maxheight: Size = None,
        format: Annotated[str, Query(description="Only json.")] = "json",
    ) -> Response:
        """How to embed a run or a sweep elsewhere, as oEmbed (https://oembed.com) asks for it."""
        if format != "json":
            return failure(501, "not_implemented", f"Only json is available here, not {format!a}.")
        base = public_url(request)
        path = url.removeprefix(base) if url.startswith(f"{base}/") else ""
        shown: Run | Sweep
        if found := A_RUN.match(path):
            shown = await admission.read(unquote(found[1]))
            own, framed, card_height = "runs", "embed", CARD_HEIGHT
        elif found := A_SWEEP.match(path):
            shown = await admission.read_sweep(unquote(found[1]))
            own, framed, card_height = "sweeps", "embed/sweeps", PICTURE_HEIGHT
        else:
            places = f"{base}/runs/…, or of a sweep, {base}/sweeps/…"
            raise RunNotFound(f"The url should be the address of a run, {places}; got {url!a}.")
        title = _title(shown, dataset_name)
        frame = f"{base}{run_path(shown.id, framed)}"
        width, height = min(WIDTH, maxwidth or WIDTH), min(HEIGHT, maxheight or HEIGHT)
        answer: dict[str, Any] = {
            "version": "1.0",
            "type": "rich",
            "provider_name": "Optimizer Playground",
            "provider_url": f"{base}/",
            "title": title,
            "width": width,
            "height": height,
            "html": f'<iframe src="{escape(frame)}" width="{width}" height="{height}" '
            f'title="{escape(title)}" loading="lazy"></iframe>',
            "cache_age": A_DAY if shown.status.final else 30,
        }
        if (maxwidth or CARD_WIDTH) >= CARD_WIDTH and (maxheight or card_height) >= card_height:
            card = f"{base}{run_path(shown.id, own)}/card.png"
            answer |= {"thumbnail_url": card, "thumbnail_width": CARD_WIDTH, "thumbnail_height": card_height}
        return json_answer(answer)

    @router.head("/api/qr.svg", include_in_schema=False)
    @router.get("/api/qr.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {"schema": {}}}}})
    async def get_qr_code(
        request: Request,
        path: Annotated[str, Query(max_length=LONGEST_PATH, pattern=OWN_PATH, description="From the slash on.")],
        x_passphrase: Annotated[
            str | None, Header(max_length=300, pattern=r"^[!-~]*$", description="To be included in the link.")
        ] = None,
    ) -> Response:
        """A QR code of an address of this server, black on white with the margin that readers need."""
        # In a header: what is in an address is logged.
        token = f"#token={quote(unquote(x_passphrase), safe='')}" if x_passphrase else ""
        try:
            svg = await work_queue.make(request, partial(_qr_code, public_url(request) + path + token))
        except segno.DataOverflowError:
            return failure(422, "invalid_request", "This address is too long for a QR code.")
        # Whose Host decided what is in the code keeps it alone.
        kept = "no-store" if token else f"{'public' if fixed else 'private'}, max-age={A_DAY}"
        return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": kept, "Vary": "X-Passphrase"})

    return router


def _title(shown: Run | Sweep, dataset_name: str) -> str:
    if isinstance(shown, Sweep):
        return title_of_sweep(shown.state, dataset_name)
    described, tables = shown.describe(), map(shown.history.tables, (Kind.EVALUATIONS, Kind.PUSH))
    return title_of(described, story(described, *tables), dataset_name)


@lru_cache(maxsize=64)
def _qr_code(address: str) -> bytes:
    file = BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(file, kind="svg", border=4, light="white", omitsize=True, svgclass=None, lineclass=None)
    return file.getvalue()
