"""The files in deploy/cluster/, held against the server and each other."""

import re
import subprocess
from itertools import pairwise
from typing import Any

import pytest
import yaml

from tests.cluster.nodes import RAY_SETTINGS
from tests.deploy.test_deploy import DEPLOY, DRAINS_WITHIN_S, OTHERS, PORT, SETTINGS, instructions, read
from tests.proxies import found

# What Ray and PostgreSQL read.
RAY = {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_USAGE_STATS_ENABLED", *RAY_SETTINGS}
THEIRS = {*OTHERS, *RAY, "POD_IP", "POSTGRES_USER", "POSTGRES_PASSWORD"}

COMPOSE = yaml.safe_load(read("cluster/docker-compose.yaml"))
SERVICES = COMPOSE["services"]
SERVERS = [SERVICES["web-1"], SERVICES["web-2"]]


KUBERAY = {each["kind"]: each for each in yaml.safe_load_all(read("cluster/kuberay.yaml"))}
CLUSTER = KUBERAY["RayCluster"]["spec"]
GROUPS = [CLUSTER["headGroupSpec"], *CLUSTER["workerGroupSpecs"]]
WEB = KUBERAY["Deployment"]["spec"]["template"]["spec"]
[SERVER], [NODE] = WEB["containers"], WEB["initContainers"]


def environment(container: dict[str, Any]) -> dict[str, Any]:
    maps = {KUBERAY["ConfigMap"]["metadata"]["name"]: KUBERAY["ConfigMap"]["data"]}
    given = {each["name"]: each.get("value", each.get("valueFrom")) for each in container.get("env", ())}
    for each in container.get("envFrom", ()):
        given |= maps[each["configMapRef"]["name"]]
    return given


@pytest.mark.parametrize("name", ["docker-compose.yaml", "cluster/docker-compose.yaml"])
def test_compose_takes_the_file(name):
    given = {"PATH": "/usr/bin:/bin", "RAY_AUTH_TOKEN": "secret", "POSTGRES_PASSWORD": "secret"}
    # Debian's Compose is from before projects were named in the file.
    text = re.sub(r"^name: .*\n", "", read(name), flags=re.MULTILINE)
    command = [found("docker-compose"), "--file=-", f"--project-directory={DEPLOY}", "config", "--quiet"]

    checked = subprocess.run(command, input=text, env=given, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_what_the_files_set_is_a_setting_or_ray_s():
    for service in SERVICES.values():
        assert set(service.get("environment", ())) - THEIRS - SETTINGS == set()
    for container in (SERVER, NODE, *(group["template"]["spec"]["containers"][0] for group in GROUPS)):
        assert set(environment(container)) - THEIRS - SETTINGS == set()


def test_two_servers_share_one_cluster_and_one_database():
    different = [name for name in SERVERS[0] if SERVERS[0][name] != SERVERS[1][name]]
    given, other = (server["environment"] for server in SERVERS)
    assert different == ["environment"]
    assert [name for name in given if given[name] != other[name]] == ["SERVER_URL"]
    # Where the other reaches it.
    assert (given["SERVER_URL"], other["SERVER_URL"]) == (f"http://web-1:{PORT}", f"http://web-2:{PORT}")
    assert environment(SERVER)["POD_IP"] == {"fieldRef": {"fieldPath": "status.podIP"}}
    assert environment(SERVER)["SERVER_URL"] == f"http://$(POD_IP):{PORT}"
    assert KUBERAY["Deployment"]["spec"]["replicas"] == 2
    head = next(word for word in SERVICES["head"]["entrypoint"] if word.startswith("--port="))
    for given in (SERVERS[0]["environment"], environment(SERVER)):
        assert given["PLAYGROUND_ENGINE"] == "ray"
        assert given["DATABASE_URL"]
    assert SERVERS[0]["environment"]["RAY_ADDRESS"] == f"head:{head.removeprefix('--port=')}"
    assert "@postgres/" in SERVERS[0]["environment"]["DATABASE_URL"]
    # KubeRay names the head's service so.
    assert environment(SERVER)["RAY_ADDRESS"] == f"{KUBERAY['RayCluster']['metadata']['name']}-head-svc:6379"
    assert f"--address={environment(SERVER)['RAY_ADDRESS']}" in NODE["command"]


def test_no_one_uses_ray_without_the_token():
    token = {"secretKeyRef": {"name": CLUSTER["authOptions"]["secretName"], "key": "auth_token"}}
    assert CLUSTER["authOptions"]["mode"] == "token"
    for container in (SERVER, NODE):
        assert environment(container)["RAY_AUTH_MODE"] == "token"
        assert environment(container)["RAY_AUTH_TOKEN"] == token
    for name in ("head", "worker", "web-1", "web-2"):
        given = SERVICES[name]["environment"]
        assert given["RAY_AUTH_MODE"] == "token"
        # Compose does not start without one.
        assert given["RAY_AUTH_TOKEN"].startswith("${RAY_AUTH_TOKEN:?")


def test_ray_can_be_reached_from_its_nodes_alone():
    assert COMPOSE["networks"]["ray"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if "ray" in service["networks"]} == {
        *("head", "worker", "web-1", "web-2")
    }
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    policy = KUBERAY["NetworkPolicy"]["spec"]
    from_pods, from_all = policy["ingress"]
    assert from_pods["from"] == [{"podSelector": policy["podSelector"]}]
    # A pod of Ray has no port of that name.
    assert [port["port"] for port in from_all["ports"]] == [SERVER["ports"][0]["name"]] == ["http"]
    pods = [KUBERAY["Deployment"]["spec"]["template"], *(group["template"] for group in GROUPS)]
    assert all(policy["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items() for pod in pods)


def test_races_are_placed_on_workers_and_each_has_the_cores_of_one():
    for name in ("head", "web-1"):
        assert "--num-cpus=0" in str([*SERVICES[name]["entrypoint"], *SERVICES[name]["command"]])
    assert "--num-cpus=3" in SERVICES["worker"]["entrypoint"]
    assert SERVICES["worker"]["deploy"]["replicas"] == SERVERS[0]["environment"]["MAX_RUNNING"]
    assert "--num-cpus=0" in NODE["command"]
    assert CLUSTER["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    [workers] = CLUSTER["workerGroupSpecs"]
    assert workers["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] == "3"
    assert environment(SERVER)["MAX_RUNNING"] == str(workers["maxReplicas"])
    assert CLUSTER["enableInTreeAutoscaling"]


def megabytes(limit: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]+)", limit).groups()
    return int(number) * {"g": 1024, "Gi": 1024, "m": 1, "Mi": 1}[unit]


def test_a_race_may_use_the_memory_of_its_worker_without_ray_s_own():
    [workers] = CLUSTER["workerGroupSpecs"]
    limit = workers["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    for given, worker in ((SERVERS[0]["environment"], SERVICES["worker"]["mem_limit"]), (environment(SERVER), limit)):
        # docs/scaling.md: a node takes some 300 MB.
        assert 1024 <= int(given["MAX_RUN_MEMORY_MB"]) <= megabytes(worker) - 300


def test_every_service_restarts_has_a_memory_limit_and_a_health_check():
    for name, service in SERVICES.items():
        assert service["restart"] == "unless-stopped"
        assert megabytes(service["mem_limit"]) >= 256
        # nginx has no health check: its process ends when it fails.
        assert ("healthcheck" in service) == (name != "nginx")
    for name in ("head", "worker"):
        assert SERVICES[name]["healthcheck"]["test"][1:] == NODE["startupProbe"]["exec"]["command"]
    for server in SERVERS:
        # The rest of it is the image's.
        assert "test" not in server["healthcheck"]
        assert {each["condition"] for each in server["depends_on"].values()} == {"service_healthy"}


def test_every_part_of_ray_is_set_up_as_in_the_tests():
    parts = [
        environment(each) for each in (SERVER, NODE, *(group["template"]["spec"]["containers"][0] for group in GROUPS))
    ]
    parts += [SERVICES[name]["environment"] for name in ("head", "worker", "web-1", "web-2")]
    for given in parts:
        assert given.items() >= RAY_SETTINGS.items()
    told = (DEPLOY.parent / "docs" / "scaling.md").read_text()
    assert f"export {' '.join(f'{name}={value}' for name, value in RAY_SETTINGS.items())}\n" in told


def test_a_server_and_its_node_share_where_ray_has_its_sockets():
    mounts = [{mount["name"]: mount["mountPath"] for mount in each["volumeMounts"]} for each in (SERVER, NODE)]
    assert mounts[0] == mounts[1]
    assert set(mounts[0]) == {volume["name"] for volume in WEB["volumes"]}
    assert mounts[0]["tmp"] == "/tmp"
    # It is started before, and again when it has ended.
    assert NODE["restartPolicy"] == "Always"
    assert NODE["image"] == SERVER["image"] == GROUPS[0]["template"]["spec"]["containers"][0]["image"]


def test_the_proxy_knows_both_servers_at_the_port_of_the_image():
    [_, _, command] = SERVICES["nginx"]["command"]
    _, before, after = re.search(r"sed \"s/([^/]*)/([^/]*)/\"", command)[0].split("/")[:3]

    assert before in read("nginx.conf")
    # Looked up again while nginx runs, which takes a zone and a resolver.
    assert re.findall(r"server (\S+) resolve;", after) == [f"web-1:{PORT}", f"web-2:{PORT}"]
    assert re.search(r"zone .*; resolver 127\.0\.0\.11 ", after)
    assert SERVER["ports"][0]["containerPort"] == PORT


def test_the_parts_of_the_kuberay_manifest_find_each_other():
    labels = KUBERAY["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        KUBERAY["Deployment"]["spec"]["selector"]["matchLabels"],
        KUBERAY["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        KUBERAY["Service"]["spec"]["selector"],
    ]
    for one, other in pairwise([*selectors, labels]):
        assert one == other
    # No visitor is sent to a pod of Ray.
    assert all(group["template"]["metadata"]["labels"] != labels for group in GROUPS)
    single = {each["kind"]: each for each in yaml.safe_load_all(read("kubernetes.yaml"))}
    for kind in ("Gateway", "HTTPRoute"):
        assert KUBERAY[kind] == single[kind]


def test_no_part_of_ours_runs_as_root_and_servers_have_the_time_to_drain():
    assert instructions("USER") == ["1000"]
    for pod in (WEB, *(group["template"]["spec"] for group in GROUPS)):
        assert pod["securityContext"]["runAsUser"] == 1000
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    for name in ("head", "worker", "web-1", "web-2"):
        assert SERVICES[name]["read_only"]
        assert "user" not in SERVICES[name]
    assert int(SERVERS[0]["stop_grace_period"].rstrip("s")) > DRAINS_WITHIN_S
    assert WEB["terminationGracePeriodSeconds"] > DRAINS_WITHIN_S
