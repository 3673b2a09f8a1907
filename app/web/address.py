"""What this server is called from outside, for links that are read elsewhere."""

from urllib.parse import quote

from starlette.requests import Request

from app.settings import Settings


def public_url(request: Request) -> str:
    """The address that comes before a path, without a slash at its end."""
    settings: Settings = request.app.state.settings
    return settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")


def run_path(run_id: str, where: str = "runs") -> str:
    return f"/{where}/{quote(run_id, safe='')}"
