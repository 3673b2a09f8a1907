"""`make recording`: races the default race and keeps it as the recording of the front page, with its card."""

import asyncio
import tempfile
from pathlib import Path

from app.config import RunConfig
from app.main import local_engine
from app.report.social_card import draw_card
from app.report.story import story
from app.runs.history import Kind
from app.scheduling.manager import Manager
from app.settings import Settings
from app.storage.front_page_run import FILE, RUN_ID
from app.storage.run_file import write_run
from app.training.dataset import open_dataset, prepare
from app.web.files import front_end

CARD = front_end("static") / "card.png"


def record() -> None:
    """Over the digits on board, whatever the operator's settings say."""
    asyncio.run(_record())


async def _record() -> None:
    settings = Settings(data_dir=Settings.model_fields["data_dir"].default, max_running=1)
    with tempfile.TemporaryDirectory() as cache:
        prepared = prepare(settings.data_dir, Path(cache))
        dataset = open_dataset(prepared)
        manager = Manager(settings, local_engine(settings, prepared), dataset)
        await manager.open()
        try:
            run = await manager.wait(manager.start(RunConfig()).id)
        finally:
            await manager.close()
        write_run(run, FILE, RUN_ID, dataset)
        described, evaluations = run.describe(), run.history.tables(Kind.EVALUATIONS)
        sentences = story(described, evaluations)
        CARD.write_bytes(draw_card(described, evaluations, sentences))
    print(f"{FILE} has {FILE.stat().st_size:,} bytes. {' '.join(sentences)}")
