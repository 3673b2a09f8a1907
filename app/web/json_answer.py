"""An answer in JSON."""

from collections.abc import Mapping

from starlette.responses import Response

from app.web.protocol import encode_json


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Of a value, or of a text that is JSON already."""
    text = value if isinstance(value, str) else encode_json(value)
    return Response(text, status, headers, media_type="application/json")
