"""The JSON routes beside those to runs: the digits."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Path
from numpy.typing import NDArray
from starlette.responses import Response

from app.errors import RunNotFound
from app.training.dataset import Dataset
from app.web.schemas import FAILURES

# Shades of the wall's small pictures: as many as can be distinguished, which makes them a third smaller than 256.
SHADE = 16


def digit_routes(dataset: Dataset, wall: NDArray[np.int64]) -> APIRouter:
    """Routes over `dataset`; `wall` has the numbers of the digits of the wall."""
    router = APIRouter(responses=FAILURES)
    shades = (np.round(dataset.test_images[wall] / SHADE) * SHADE).clip(max=255).astype(np.uint8).tobytes()

    @router.get(
        "/api/digits/wall",
        tags=["data"],
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def get_wall() -> Response:
        """The test digits that are followed one by one: at most 100, sorted by label, 784 bytes each, in 17 shades."""
        return _pixels(shades)

    @router.get(
        "/api/digits/{index}",
        tags=["data"],
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def get_digit(index: Annotated[int, Path(ge=0, lt=2**31)]) -> Response:
        """One test digit: 784 bytes, row by row, 0 is paper and 255 is ink."""
        if index >= len(dataset.test_images):
            raise RunNotFound(f"There is no test digit {index}; they go from 0 to {len(dataset.test_images) - 1:,}.")
        return _pixels(dataset.test_images[index].tobytes())

    return router


def _pixels(pixels: bytes) -> Response:
    return Response(pixels, media_type="application/octet-stream", headers={"Cache-Control": "public, max-age=3600"})
