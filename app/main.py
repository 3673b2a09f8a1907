"""The one place where the parts are put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from app.background_tasks import keep_going
from app.engine.base import Engine
from app.engine.cluster import ClusterEngine
from app.engine.local import LocalEngine
from app.lessons.lessons import Lessons
from app.machine import cores
from app.scheduling.housekeeping import Housekeeping
from app.scheduling.manager import Manager
from app.servers.forwarding import Forwarding
from app.servers.servers import Servers
from app.settings import LANES_OF_A_RACE, Settings
from app.storage.location import shared_name
from app.storage.recordings import recorded_runs, recorded_sweeps
from app.storage.store import Store
from app.training.dataset import Dataset
from app.training.wall import wall_digits
from app.web.admission.admission import Admission
from app.web.admission.body_limit import BodyLimit
from app.web.admission.connections import Connections
from app.web.admission.current_visitor import CurrentVisitor
from app.web.admission.error_answers import handle_failures
from app.web.admission.origins import Origins
from app.web.admission.public_address import PublicAddress
from app.web.admission.serialize_posts import SerializePosts
from app.web.capacity import Look, capacity_for, capacity_routes
from app.web.cards import card_routes
from app.web.commands import command_routes
from app.web.digits import digit_routes
from app.web.downloads import Downloads
from app.web.experiments.pages import ExperimentPages
from app.web.experiments.routes import experiment_routes
from app.web.exports import export_routes
from app.web.files import static_files
from app.web.health import alone, health_routes
from app.web.how_it_works import how_it_works_routes
from app.web.lessons.page import lesson_page_routes
from app.web.lessons.routes import lesson_routes
from app.web.links import link_routes
from app.web.live.broadcast import Broadcasts
from app.web.live.polling import Polling, polling_routes
from app.web.live.stream import stream_routes
from app.web.metrics import metrics_routes
from app.web.network_views import network_view_routes
from app.web.pages import nothing_here, page_routes
from app.web.security import SecurityHeaders, security_headers
from app.web.stories import story_routes
from app.web.sweeps.commands import sweep_routes
from app.web.sweeps.files import sweep_file_routes
from app.web.sweeps.pages import sweep_page_routes
from app.web.sweeps.stream import sweep_stream_routes
from app.web.work_queue import WorkQueue

DESCRIPTION = """
Races NumPy optimizers on handwritten digits and streams every batch. Start a run here, watch it on the page of the
same id (`/runs/{id}`), or read the stream as `docs/protocol.md` describes it.
"""


def local_engine(settings: Settings, prepared: Path) -> Engine:
    """Warm worker processes, enough for as many races at once as the settings allow."""
    return LocalEngine(prepared, LANES_OF_A_RACE * settings.max_running, settings.max_lane_memory_mb)


def chosen_engine(settings: Settings, prepared: Path) -> Engine:
    """That of the setting. Raises CannotStart if what it takes is not there, or is not safe."""
    if settings.playground_engine == "local":
        return local_engine(settings, prepared)
    from app.engine.ray_cluster import RayCluster

    # What one of them leaves on the cluster, another one goes on with.
    servers = shared_name(settings)
    return ClusterEngine(RayCluster(settings.ray_address, servers), prepared, settings.max_lane_memory_mb)


def create_app(
    settings: Settings, engine: Engine, dataset: Dataset, store: Store | None = None, url: str = ""
) -> FastAPI:
    """The server as an ASGI application, which keeps its runs in `store`. Its lifespan opens and closes both.

    With a `url` that other servers reach it at, it shares a store on PostgreSQL with them. The server may listen while
    `app.state.opening`, the task that opens all, goes on.
    """
    manager = Manager(settings, engine, dataset, store)
    broadcasts = Broadcasts(cores())
    lessons = Lessons()
    if store:
        store.keep_lessons(lessons)
    admission = Admission(settings, manager, lessons)
    work_queue = WorkQueue()
    downloads = Downloads(work_queue)
    polling = Polling(broadcasts, admission)
    connections = Connections(settings, lessons.places_at)
    servers = Servers.of(settings, url, manager, store, admission, lessons, dataset)
    recordings, swept = recorded_runs(dataset), recorded_sweeps(dataset)
    for run in recordings:
        manager.registry.show(run)
    for sweep in swept:
        manager.sweeps.show(sweep)
    experiments = ExperimentPages([*recordings, *swept], len(dataset.train_labels))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # The server listens meanwhile, and says that it is starting.
        app.state.opening = opening = asyncio.create_task((servers or manager).open(), name="opening")
        # An engine in this process is open at once, before the first request.
        await asyncio.sleep(0)
        # FastAPI builds the models of its routes when they are first looked through. A request that found no memory
        # for that would end the server: pydantic's Rust code aborts the process.
        list(iter_route_contexts(app.routes))
        work = keep_going("housekeeping", Housekeeping(manager, settings).run)
        housekeeping = asyncio.create_task(work, name="housekeeping")
        try:
            yield
        finally:
            opening.cancel()
            housekeeping.cancel()
            await asyncio.gather(opening, housekeeping, return_exceptions=True)
            await polling.close()
            succeeded = await servers.close() if servers else False
            await manager.close(succeeded)
            if servers:
                await servers.resign()
            work_queue.close()

    app = FastAPI(
        title="Optimizer Playground",
        description=DESCRIPTION,
        version=version("optimizer-playground"),
        lifespan=lifespan,
        # An absolute address, and one of `Host`, is what Starlette would redirect to. See `error_answers`.
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.manager, app.state.broadcasts, app.state.settings = manager, broadcasts, settings
    app.state.connections = connections
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(SerializePosts)
    app.add_middleware(CurrentVisitor, connections)
    app.add_middleware(Origins, settings)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Content-Type", "X-Browser", "X-Owner-Key", "X-Passphrase", "X-Teacher-Key"],
            expose_headers=["Location", "Retry-After", "X-Owner-Key"],
        )
    app.add_middleware(SecurityHeaders, settings)
    app.add_middleware(PublicAddress, settings)
    handle_failures(app, manager.metrics, partial(security_headers, settings), nothing_here())
    look: Look = partial(capacity_for, manager, admission, settings)
    if servers:
        app.add_middleware(Forwarding, servers.members, servers.client, settings)
        app.include_router(servers.routes(look))
        look = servers.look(look)
    app.include_router(command_routes(admission, manager))
    app.include_router(story_routes(admission, work_queue))
    app.include_router(experiment_routes(admission))
    app.include_router(lesson_routes(lessons, admission))
    app.include_router(lesson_page_routes(lessons, admission, experiments))
    app.include_router(export_routes(admission, downloads))
    app.include_router(network_view_routes(admission, dataset, work_queue))
    app.include_router(capacity_routes(look))
    wall = wall_digits(dataset.test_labels)
    app.include_router(digit_routes(dataset, wall))
    role = servers.members.role if servers else alone
    app.include_router(health_routes(manager, role))
    app.include_router(metrics_routes(manager, broadcasts, connections, store, settings, role))
    app.include_router(stream_routes(admission, broadcasts, manager.metrics))
    app.include_router(sweep_routes(admission, manager))
    app.include_router(sweep_file_routes(admission, downloads))
    app.include_router(sweep_stream_routes(admission, broadcasts, manager.metrics))
    app.include_router(polling_routes(polling, manager.metrics))
    app.include_router(link_routes(admission, dataset_name(settings), work_queue, bool(settings.public_url)))
    app.include_router(card_routes(admission, settings, work_queue))
    app.include_router(page_routes(admission, dataset, wall, dataset_name(settings), recordings, experiments, look))
    app.include_router(
        sweep_page_routes(admission, manager, len(dataset.train_labels), dataset_name(settings), experiments, look)
    )
    app.include_router(how_it_works_routes(admission, dataset, work_queue))
    app.mount("/static", static_files())
    return app


def dataset_name(settings: Settings) -> str:
    """What to call the digits on the page: the name of their folder, unless they are the ones on board."""
    own = Settings.model_fields["data_dir"].default
    return "MNIST" if settings.data_dir == own else settings.data_dir.resolve().name
