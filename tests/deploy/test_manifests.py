"""The manifests for Kubernetes, held against the published schemas of all that is in them: no unknown field passes."""

import copy
import re
from functools import reduce
from operator import getitem
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy import schemas
from tests.deploy.test_deploy import read

KUBERNETES = "1.37"
# Of KubeRay the oldest that the manifest is for, and the newest of this writing; of the Gateway API the newest.
RELEASES = {"ray.io": ("kuberay-1.6.0", "kuberay-1.7.0"), "gateway.networking.k8s.io": ("gateway-api-1.6.1",)}
DOCUMENTS = [
    pytest.param(document, id=f"{name}, {document['kind']}")
    for name in ("kubernetes.yaml", "cluster/kuberay.yaml")
    for document in yaml.safe_load_all(read(name))
]
KUBERAY = {each["kind"]: each for each in yaml.safe_load_all(read("cluster/kuberay.yaml"))}
CLUSTER = KUBERAY["RayCluster"]["spec"]


def problems(document: dict[str, Any]) -> list[str]:
    """By the releases of what adds its kind, or by Kubernetes itself."""
    releases = RELEASES.get(document["apiVersion"].partition("/")[0], ())
    found = [problem for release in releases for problem in schemas.problems(document, release)]
    if not releases:
        try:
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(error.message)
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_manifest_is_what_its_schema_takes(document):
    assert problems(document) == []


@pytest.mark.parametrize("group", [CLUSTER["headGroupSpec"], *CLUSTER["workerGroupSpecs"]])
def test_pods_of_the_ray_cluster_are_what_kubernetes_takes(group):
    pod = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "ray"}, "template": group["template"]}

    assert problems(pod) == []


def test_the_oldest_kuberay_that_the_manifest_is_for_is_among_those_it_is_held_to():
    [oldest] = re.findall(r"KubeRay operator ([\d.]+) or newer", read("cluster/kuberay.yaml"))

    assert RELEASES["ray.io"][0] == f"kuberay-{oldest}.0"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("RayCluster", ("spec", "enableInTreeAutoscaling")),
        ("RayCluster", ("spec", "authOptions", "secretName")),
        ("RayCluster", ("spec", "workerGroupSpecs", 0, "replicas")),
        ("RayCluster", ("spec", "headGroupSpec", "template", "spec", "containers", 0, "readinessProbe")),
        ("Gateway", ("spec", "listeners", 0, "tls", "certificateRefs")),
        ("HTTPRoute", ("spec", "rules", 0, "timeouts", "request")),
        ("Service", ("spec", "selector")),
    ],
)
def test_a_misspelt_field_is_found(kind, path):
    slip = copy.deepcopy(KUBERAY[kind])
    *way, name = path
    below = reduce(getitem, way, slip)
    below[f"{name}x"] = below.pop(name)

    assert any(f"'{name}x' was unexpected" in problem for problem in problems(slip))


def test_a_value_of_the_wrong_kind_is_found():
    slip = copy.deepcopy(KUBERAY["RayCluster"])
    slip["spec"]["workerGroupSpecs"][0]["minReplicas"] = "one"

    assert problems(slip)[0] == "$.spec.workerGroupSpecs[0].minReplicas: 'one' is not of type 'integer'"


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"description": "a field of that name", "port": 80}, 0),
        ({"port": "http", "open": {"any": {"field": 1}}, "size": None}, 0),
        ({"port": 1.5}, 1),
        ({"closed": {"any": 1}}, 1),
        ({"ports": 80}, 1),
    ],
)
def test_a_kept_schema_is_as_strict_as_the_published_one(monkeypatch, tmp_path, spec, found):
    properties = {
        "description": {"description": "Words.", "type": "string"},
        "port": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True},
        "open": {"type": "object", "properties": {}, "x-kubernetes-preserve-unknown-fields": True},
        "closed": {"type": "object", "properties": {"some": {"type": "string"}}},
        "size": {"type": "string", "nullable": True},
    }
    text = {"type": "string"}
    schema = {"properties": {"apiVersion": text, "kind": text, "spec": {"type": "object", "properties": properties}}}
    versions = [{"name": "v1beta1", "schema": {}}, {"name": "v1", "schema": {"openAPIV3Schema": schema}}]
    definition = {"spec": {"group": "example.org", "names": {"kind": "Thing"}, "versions": versions}}
    (tmp_path / "thing.yaml").write_text(yaml.safe_dump(definition))
    schemas.keep([tmp_path / "thing.yaml"], tmp_path / "things.json.gz")
    monkeypatch.setattr(schemas, "FOLDER", tmp_path)

    told = schemas.problems({"apiVersion": "example.org/v1", "kind": "Thing", "spec": spec}, "things")
    assert len(told) == found
