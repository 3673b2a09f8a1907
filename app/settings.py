"""The operator's choices, each an environment variable of the same name in capitals: `PORT=9000 playground serve`."""

import re
import secrets
from pathlib import Path
from typing import Annotated, Literal, Self

from platformdirs import user_cache_path, user_data_path
from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.machine import cores, memory_mb

LANES_OF_A_RACE = 3
# Connections of one address beside its streams: those that load pages.
PAGE_LOADS = 50
# In a classroom: one that races, and one that waits.
RUNS_OF_STUDENT = 2
# Memory of a race by default: at least what the default race needs, at most what no race uses up.
LEAST_RUN_MB, MOST_RUN_MB = 256, 4096
# Left to the server, and to the runs that are over: a quarter of the memory, or so much.
SERVER_MB = 192
# A path below one of these could be either the server's own or the one that visitors see.
OWN_PATHS = ("api", "docs", "embed", "healthz", "metrics", "oembed", "openapi.json", "readyz", "runs", "static")
# Of a passphrase and a teacher's key, which travel in headers; the page keeps no longer ones.
LONGEST_SECRET = 500
# Of the memory, for the curves of runs that are over, and once more for their networks; and the most that is of use.
KEPT_SHARE, MOST_KEPT_MB = 16, 256


def _room_for_runs() -> int:
    return max(1, cores() // LANES_OF_A_RACE)


def _kept_mb() -> int:
    return min(max(1, memory_mb() // KEPT_SHARE), MOST_KEPT_MB)


def in_class(students: int) -> dict[str, float]:
    """What is taken in a classroom in place of the defaults, which are meant for strangers."""
    return {
        "max_queued": RUNS_OF_STUDENT * students,
        "max_runs_per_visitor": RUNS_OF_STUDENT,
        "max_viewers_per_visitor": 10,
        "unwatched_pause_s": 30,
        "max_turn_s": 15,
    }


def _site(text: str) -> str:
    """As a browser names an origin: no path, no slash at its end."""
    text = text.strip().rstrip("/").lower()
    if text and not re.fullmatch(r"https?://[^\s/?#@,*]+", text):
        raise PydanticCustomError("site", "Input should be a site as https://playground.example.org, without a path")
    return text


def _public_url(text: str) -> str:
    """A site, and the path below which a proxy there offers the playground, without a slash at its end."""
    site, slashes, rest = text.strip().rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    if re.fullmatch(r"(?:[\w~-][\w.~-]*(?:/(?!$)|$))*", path, re.ASCII) and path.split("/")[0] not in OWN_PATHS:
        try:
            return _site(site + slashes + host) + slash + path
        except PydanticCustomError:
            pass
    raise PydanticCustomError(
        "public_url",
        "Input should be an address as https://example.org or https://example.org/playground, its path of letters, "
        f"digits, '-', '_', '.' and '~' and not beginning with one of this server's own ({', '.join(OWN_PATHS)})",
    )


def _proxy_header(name: str) -> str:
    name = name.strip().lower()
    if not re.fullmatch(r"[a-z0-9-]*", name):
        raise PydanticCustomError("header", "Input should be the name of a header, as x-forwarded-for")
    if name == "forwarded":
        raise PydanticCustomError(
            "header", "Input should be a header of addresses alone, as x-forwarded-for; Forwarded is not read"
        )
    return name


def _sites(text: str) -> str:
    return ",".join(filter(None, map(_site, text.split(","))))


def _secret(secret: SecretStr) -> SecretStr:
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("utf8", "Input should be text in UTF-8") from None
    if len(secret) > LONGEST_SECRET:
        raise PydanticCustomError("long", f"Input should have at most {LONGEST_SECRET} characters")
    return secret


class Settings(BaseSettings):
    """Where to listen, where data lies, and how much this machine may do."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 for all.")
    port: int = Field(8000, ge=0, le=65_535, description="The port; 0 takes any free one.")
    public_url: Annotated[str, AfterValidator(_public_url)] = Field(
        "",
        description="The address that visitors use, https://…, including a path if there is one; empty: the one in "
        "each request.",
    )
    allowed_origins: Annotated[str, AfterValidator(_sites)] = Field(
        "", description="Other sites whose pages may start and command runs here: https://…, separated by commas."
    )
    frame_ancestors: str = Field(
        "",
        pattern=r"^[!-+\--:<-~ ]*$",
        description="Which sites may show pages in a frame, as in a Content-Security-Policy: *, 'none', https://…; "
        "empty: every site may frame /embed pages, and no other site the rest.",
    )
    trusted_proxy_header: Annotated[str, AfterValidator(_proxy_header)] = Field(
        "", description="The header in which a proxy in front sends the visitor's address; empty: there is no proxy."
    )
    trusted_proxy_hops: int = Field(
        1, ge=1, description="Which address of that header counts, from the right: the number of proxies in front."
    )
    passphrase: Annotated[SecretStr, AfterValidator(_secret)] = Field(
        SecretStr(""),
        description="Needed to start runs; a link that ends in #token=… contains it. Empty: everyone can start runs.",
    )
    classroom: int = Field(
        0,
        ge=0,
        le=500,
        description="How many students come at the same time, distinguished by browser; 0: visitors are "
        "distinguished by address.",
    )
    teacher_key: Annotated[SecretStr, AfterValidator(_secret)] = Field(
        default_factory=lambda: SecretStr(secrets.token_urlsafe(9)),
        description="In a classroom, runs of a visitor whose link ends in #teacher=… with this key go first in the "
        "queue.",
    )
    data_dir: Path = Field(
        Path(__file__).parent / "training" / "data",
        description="Folder with four IDX files: 28×28 images, 10 classes.",
    )
    cache_dir: Path = Field(user_cache_path("optimizer-playground"), description="Where the unzipped data set is kept.")
    log_format: Literal["text", "json"] = Field("text", description="Format of the log's lines: text or json.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The lowest level that is logged: debug, info, warning or error."
    )
    runs_dir: Path = Field(user_data_path("optimizer-playground"), description="Where runs are kept, in runs.db.")
    database_url: str | None = Field(
        None, description="Another place to keep runs: postgresql://… or sqlite:///…; empty: in memory only."
    )
    server_url: Annotated[str, AfterValidator(_site)] = Field(
        "",
        description="The address at which other servers on the same PostgreSQL reach this one, http://…; empty: "
        "where it listens.",
    )
    keep_days: int = Field(30, ge=1, le=36_500, description="Runs older than this are deleted.")
    keep_runs: int = Field(1000, ge=1, description="How many runs are kept; the oldest are deleted first.")
    keep_mb: int = Field(
        1024, ge=1, description="Space for the runs that are kept, in MB; the oldest are deleted first."
    )
    playground_engine: Literal["local", "ray"] = Field(
        "local", description="Where races run: local (on this machine) or ray (on the cluster of RAY_ADDRESS)."
    )
    ray_address: str = Field(
        "auto", min_length=1, description="The Ray cluster, host:port; auto: the one to which this machine belongs."
    )
    max_running: int = Field(
        default_factory=_room_for_runs,
        ge=1,
        description="How many runs race at once: by default one for every three cores.",
    )
    max_queued: int = Field(50, ge=0, description="How many runs may wait in the queue.")
    max_kept: int = Field(
        100, ge=1, description="How many finished runs stay in memory; the least recently viewed is dropped first."
    )
    max_kept_mb: int = Field(
        default_factory=_kept_mb, ge=1, description="Memory for them, in MB, without their networks."
    )
    max_networks_mb: int = Field(
        default_factory=_kept_mb,
        ge=1,
        description="Memory for the trained networks of finished runs, in MB; the oldest are dropped first.",
    )
    max_runs_per_visitor: int = Field(3, ge=1, description="How many runs one visitor may have racing or queued.")
    starts_per_minute: int = Field(20, ge=1, description="How many runs one visitor may start within a minute.")
    max_viewers: int = Field(3500, ge=1, description="How many viewers there may be of all runs together.")
    max_viewers_per_visitor: int = Field(200, ge=1, description="How many streams one visitor may have open.")
    max_connections_per_address: int | None = Field(
        None,
        ge=1,
        description="How many connections (behind a proxy: requests) one address may have open: by default 50 more "
        "than its streams.",
    )
    unwatched_pause_s: float = Field(
        120, ge=0, description="Seconds without a viewer after which a race pauses until someone watches; 0: never."
    )
    unwatched_stop_s: float = Field(
        900, ge=0, description="Seconds without a viewer after which a race is stopped; 0: never."
    )
    unwatched_queued_s: float = Field(
        60,
        ge=0,
        description="Seconds without a viewer or its owner after which a queued run leaves the queue; 0: never.",
    )
    max_turn_s: float = Field(
        300,
        ge=0,
        description="Seconds for which a paused or paced race keeps its slot while others wait, and four times as "
        "long at full speed; 0: for ever.",
    )
    max_work: float = Field(
        1e13,
        gt=0,
        description="The most multiply-adds of a whole run: lanes × epochs × examples of an epoch × weights.",
    )
    max_steps: int = Field(1_000_000, ge=1, description="The most batches of one lane.")
    max_lane_memory_mb: int = Field(1024, ge=1, description="Memory that one batch of one lane may need, in MB.")
    max_run_memory_mb: int | None = Field(
        None,
        ge=1,
        description="Memory that all lanes of a run may need, in MB: by default the machine's, divided among all "
        "runs at once.",
    )

    @model_validator(mode="after")
    def _suit_a_class(self) -> Self:
        if self.classroom:
            chosen = self.model_fields_set
            self.__dict__.update({name: it for name, it in in_class(self.classroom).items() if name not in chosen})
        return self

    @property
    def run_memory_mb(self) -> int:
        """What all lanes of a run may take."""
        if self.max_run_memory_mb is not None:
            return self.max_run_memory_mb
        whole = memory_mb()
        share = (whole - max(SERVER_MB, whole // 4)) // self.max_running
        return min(max(share, LEAST_RUN_MB), MOST_RUN_MB)

    @property
    def connections_per_address(self) -> int:
        """In a classroom, of all its browsers together."""
        return self.max_connections_per_address or max(1, self.classroom) * self.max_viewers_per_visitor + PAGE_LOADS

    @property
    def public_origin(self) -> str:
        """What a browser calls the site of PUBLIC_URL."""
        return "/".join(self.public_url.split("/")[:3])

    @property
    def origins(self) -> list[str]:
        """The allowed ones, one by one."""
        return self.allowed_origins.split(",") if self.allowed_origins else []
