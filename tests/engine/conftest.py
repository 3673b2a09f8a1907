"""Both engines, over few digits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.engine.base import Engine
from app.engine.inline import InlineEngine
from app.engine.local import LocalEngine
from app.training.dataset import Dataset


@pytest.fixture(params=["inline", pytest.param("local", marks=pytest.mark.slow)])
async def engine(request, few_digits: Dataset, prepared_few: Path) -> AsyncIterator[Engine]:
    engine = InlineEngine(few_digits) if request.param == "inline" else LocalEngine(prepared_few, warm=3)
    await engine.open()
    yield engine
    await engine.close()
