"""The files in deploy/ and the Dockerfile, held against the server: its settings, its ports, its health checks."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from app.training.dataset import Dataset

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PORT = Settings.model_fields["port"].default
DRAINS_WITHIN_S = 10
SETTINGS = {name.upper() for name in Settings.model_fields}
# Not settings of ours: what the libraries read, and what Caddy's own file does.
OTHERS = {"LANG", "MPLCONFIGDIR", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "SITE", "UPSTREAM"}


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def instructions(name: str) -> list[str]:
    """What the image's own stage says after this instruction, lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    last = text[text.rindex("\nFROM ") :]
    return re.findall(rf"^{name} (.+)$", last, re.MULTILINE)


def image_environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split())


def manifests() -> dict[str, dict]:
    return {manifest["kind"]: manifest for manifest in yaml.safe_load_all(read("kubernetes.yaml"))}


def environments() -> dict[str, set[str]]:
    """The variables that each file sets."""
    compose = yaml.safe_load(read("docker-compose.yaml"))["services"]
    container = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    render = yaml.safe_load(read("render.yaml"))["services"][0]
    return {
        "Dockerfile": set(image_environment()),
        "docker-compose.yaml": set(compose["playground"]["environment"]) | set(compose["caddy"]["environment"]),
        "fly.toml": set(tomllib.loads(read("fly.toml"))["env"]),
        "kubernetes.yaml": {variable["name"] for variable in container["env"]},
        "playground.service": set(re.findall(r"(?<=[= ])([A-Z_]+)=", read("playground.service"))),
        "render.yaml": {variable["key"] for variable in render["envVars"]},
    }


@pytest.mark.parametrize("name", environments())
def test_what_a_file_sets_is_a_setting(name):
    assert environments()[name] - OTHERS - SETTINGS == set()


@pytest.mark.parametrize(
    "path",
    [
        *re.findall(r"'GET', '([^']+)'", (ROOT / "Dockerfile").read_text(encoding="utf-8")),
        *re.findall(r"path: (/[a-z]+),", read("kubernetes.yaml")),
        tomllib.loads(read("fly.toml"))["http_service"]["checks"][0]["path"],
        tomllib.loads(read("fly.toml"))["metrics"]["path"],
        yaml.safe_load(read("render.yaml"))["services"][0]["healthCheckPath"],
        *re.findall(r"location = (\S+)", read("nginx.conf")),
        *re.findall(r"respond (\S+)", read("Caddyfile")),
    ],
)
def test_every_path_that_is_requested_exists(few_digits: Dataset, path):
    app = create_app(Settings(database_url=""), InlineEngine(few_digits), few_digits)

    assert path in app.openapi()["paths"]


def test_every_file_speaks_to_the_port_of_the_image():
    compose = yaml.safe_load(read("docker-compose.yaml"))["services"]
    fly = tomllib.loads(read("fly.toml"))
    container = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    front_matter = yaml.safe_load(read("huggingface.md").split("---")[1])
    ports = {
        "Dockerfile ENV": image_environment()["PORT"],
        "Dockerfile EXPOSE": instructions("EXPOSE")[0],
        "docker-compose.yaml": compose["playground"]["ports"][0].rpartition(":")[2],
        "docker-compose.yaml, caddy": compose["caddy"]["environment"]["UPSTREAM"].rpartition(":")[2],
        "Caddyfile": re.search(r"\{\$UPSTREAM:[\d.]+:(\d+)\}", read("Caddyfile"))[1],
        "nginx.conf": re.search(r"server 127\.0\.0\.1:(\d+);", read("nginx.conf"))[1],
        "playground.service": re.search(r"PORT=(\d+)", read("playground.service"))[1],
        "fly.toml": fly["http_service"]["internal_port"],
        "fly.toml, metrics": fly["metrics"]["port"],
        "kubernetes.yaml": container["ports"][0]["containerPort"],
        "huggingface.md": front_matter["app_port"],
    }

    assert {name: int(port) for name, port in ports.items()} == dict.fromkeys(ports, PORT)


def test_runs_are_kept_where_every_file_puts_its_volume():
    kept = image_environment()["RUNS_DIR"]
    compose = yaml.safe_load(read("docker-compose.yaml"))["services"]["playground"]
    container = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"][0]

    assert instructions("VOLUME") == [kept]
    assert compose["volumes"] == [f"data:{kept}"]
    assert kept in {mount["mountPath"] for mount in container["volumeMounts"]}
    assert tomllib.loads(read("fly.toml"))["mounts"]["destination"] == kept
    assert yaml.safe_load(read("render.yaml"))["services"][0]["disk"]["mountPath"] == kept


def test_no_one_runs_it_as_root_and_the_root_is_read_only_where_that_can_be_said():
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]

    assert instructions("USER") == ["1000"]
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["fsGroup"] == 1000
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    assert yaml.safe_load(read("docker-compose.yaml"))["services"]["playground"]["read_only"]
    assert "ProtectSystem=strict" in read("playground.service")


def test_everyone_gives_it_the_time_it_needs_to_drain():
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]
    compose = yaml.safe_load(read("docker-compose.yaml"))["services"]["playground"]
    fly = tomllib.loads(read("fly.toml"))
    given = [
        pod["terminationGracePeriodSeconds"],
        compose["stop_grace_period"].rstrip("s"),
        fly["kill_timeout"].rstrip("s"),
        yaml.safe_load(read("render.yaml"))["services"][0]["maxShutdownDelaySeconds"],
        re.search(r"TimeoutStopSec=(\d+)", read("playground.service"))[1],
    ]

    assert all(int(seconds) > DRAINS_WITHIN_S for seconds in given)
    assert fly["kill_signal"] == instructions("STOPSIGNAL")[0] == "SIGTERM"
    # Otherwise workers would be gone before the server could save what they had sent.
    assert "KillMode=mixed" in read("playground.service")


def test_there_is_one_instance_and_never_a_second_beside_it():
    deployment, claim = manifests()["Deployment"]["spec"], manifests()["PersistentVolumeClaim"]
    volumes = deployment["template"]["spec"]["volumes"]

    assert (deployment["replicas"], deployment["strategy"]["type"]) == (1, "Recreate")
    assert volumes[0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert yaml.safe_load(read("render.yaml"))["services"][0]["numInstances"] == 1


def test_the_parts_of_the_kubernetes_manifest_find_each_other():
    parts = manifests()
    pod = parts["Deployment"]["spec"]["template"]
    gateway, route = parts["Gateway"], parts["HTTPRoute"]["spec"]
    backend = route["rules"][0]["backendRefs"][0]

    assert parts["Service"]["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert parts["Deployment"]["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
    assert backend["name"] == parts["Service"]["metadata"]["name"]
    assert backend["port"] == parts["Service"]["spec"]["ports"][0]["port"]
    assert [parent["name"] for parent in route["parentRefs"]] == [gateway["metadata"]["name"]]
    assert route["hostnames"] == [gateway["spec"]["listeners"][0]["hostname"]]
    assert route["rules"][0]["timeouts"] == {"request": "0s"}
    assert parts["Service"]["spec"]["ports"][0]["targetPort"] == pod["spec"]["containers"][0]["ports"][0]["name"]
    assert {mount["name"] for mount in pod["spec"]["containers"][0]["volumeMounts"]} == {
        volume["name"] for volume in pod["spec"]["volumes"]
    }
