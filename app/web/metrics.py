"""What Prometheus reads at /metrics: the counts that other modules keep, read at each request.

Nothing is counted here, and nothing else knows of Prometheus. Each application has a registry of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.events import RunStatus
from app.histogram import Histogram
from app.scheduling.manager import Manager
from app.scheduling.run_metrics import Asked
from app.settings import Settings
from app.storage.store import Store
from app.web.admission.connections import Connections
from app.web.health import Role, alone
from app.web.live.broadcast import Broadcasts

LIMITS = ("max_running", "max_queued", "max_viewers", "max_kept", "keep_runs", "keep_mb", "run_memory_mb")
REFUSED: dict[Asked, str] = {
    "start": "Starts of runs that were refused.",
    "viewer": "Streams not opened.",
    "request": "Other requests that were refused temporarily.",
}
UNDER_WAY = [status for status in RunStatus if not status.final]


def metrics_routes(
    manager: Manager,
    broadcasts: Broadcasts,
    connections: Connections,
    store: Store | None,
    settings: Settings,
    role: Callable[[], Role] = alone,
) -> APIRouter:
    """For Prometheus, which asks the server itself: who comes through the proxy, which writes its header, gets 404."""
    router = APIRouter(tags=["server"])
    proxy_header = settings.trusted_proxy_header
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Playground(manager, broadcasts, connections, store, settings, role))
    ProcessCollector(registry=registry)

    @router.head("/metrics", include_in_schema=False)
    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics(request: Request) -> Response:
        """Runs, queue, steps, viewers and the age of frames, in the text format of Prometheus."""
        if proxy_header and proxy_header in request.headers:
            raise HTTPException(404)
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router


@dataclass(eq=False)
class _Playground(Collector):
    manager: Manager
    broadcasts: Broadcasts
    connections: Connections
    store: Store | None
    settings: Settings
    role: Callable[[], Role]

    def collect(self) -> Iterator[Metric]:
        manager, metrics, broadcasts = self.manager, self.manager.metrics, self.broadcasts
        now = Counter(run.status for run in manager.runs)
        under_way = {status.value: now[status] for status in UNDER_WAY}
        ended = {status.value: metrics.ended[status] for status in RunStatus if status.final}
        ready = (manager.ready or self.role() == "follows") and not manager.draining
        yield _gauge("ready", "1 while runs are taken.", ready)
        leads = "1 at one of all servers on a database: the runs and sweeps are counted there."
        yield _gauge("leads", leads, self.role() == "leads")
        yield _by("gauge", "runs", "Runs that have not ended.", "status", under_way)
        yield _gauge("queue_runs", "Runs that wait in the queue.", under_way["queued"])
        yield _counter("runs_started", "Runs that have begun to race.", metrics.started)
        yield _by("counter", "runs_ended", "Runs that are over.", "status", ended)
        for request, what in REFUSED.items():
            yield _by("counter", f"{request}s_refused", what, "code", metrics.refused[request])
        yield _counter("lanes_failed", "Lanes that ended in a failure.", metrics.failed_lanes)
        replaced = "Workers that replaced others that died or did not respond."
        yield _counter("workers_replaced", replaced, manager.workers_replaced)
        yield _counter("steps", "Batches trained, of all lanes.", metrics.steps)
        yield _counter("store_errors", "Failures of the database.", self.store.errors if self.store else 0)
        yield _gauge("viewers", "Open streams.", broadcasts.viewers)
        limits = {name: getattr(self.settings, name) for name in LIMITS} | {"max_connections": self.connections.most}
        yield _by("gauge", "limit", "Upper limits of this server.", "name", limits)
        yield _gauge("connections", "Open connections, including streams.", self.connections.open)
        dropped = {str(reason): count for reason, count in self.connections.dropped.items()}
        why = "Connections closed because of what they sent or did not read."
        yield _by("counter", "connections_dropped", why, "reason", dropped)
        this = {version("optimizer-playground"): 1}
        yield _by("gauge", "info", "Always 1, with the version of this server.", "version", this)
        yield _histogram("queue_seconds", "From the request to start a run until it starts.", metrics.queue_s)
        yield _histogram("start_seconds", "From the moment a run gets its slot to its first batch.", metrics.start_s)
        yield _histogram(
            "frame_age_seconds",
            "Of the oldest batches in each round of news: from their coming in to their being written to all viewers.",
            broadcasts.frame_age_s,
        )


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"playground_{name}", what, value)


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(f"playground_{name}", what, value)


def _by(kind: str, name: str, what: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
    metric = family(f"playground_{name}", what, labels=[label])
    for value, count in values.items():
        metric.add_metric([value], count)
    return metric


def _histogram(name: str, what: str, histogram: Histogram) -> Metric:
    so_far, buckets = 0, []
    for bound, count in zip([*map(str, histogram.bounds), "+Inf"], histogram.counts, strict=True):
        so_far += count
        buckets.append((bound, so_far))
    return HistogramMetricFamily(f"playground_{name}", what, buckets=buckets, sum_value=histogram.sum)
