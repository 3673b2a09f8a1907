"""What this server is called from outside, for links that are read elsewhere."""

from urllib.parse import quote

from starlette.requests import Request

from app.settings import Settings


def public_url(request: Request) -> str:
    """The address that comes before a path, without a slash at its end."""
    settings: Settings = request.app.state.settings
    if settings.public_url:
        return settings.public_url.rstrip("/")
    url = request.base_url
    proxied = settings.trusted_proxy_header and request.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip()
    return str(url.replace(scheme=proxied) if proxied in ("http", "https") else url).rstrip("/")


def run_path(run_id: str, where: str = "runs") -> str:
    return f"/{where}/{quote(run_id, safe='')}"
