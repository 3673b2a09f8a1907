"""The schemas of what is added to Kubernetes, KubeRay's and the Gateway API's, as their projects publish them."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import yaml

FOLDER = Path(__file__).parent
Schema = dict[str, Any]
# What Kubernetes says in them beside JSON Schema.
_INT_OR_STRING, _OPEN = "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"


def keep(definitions: Sequence[Path], target: Path) -> None:
    """Write version v1 of CustomResourceDefinitions into one compressed file, without descriptions and status."""
    schemas = {}
    for path in definitions:
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]
        [schema] = [each["schema"]["openAPIV3Schema"] for each in spec["versions"] if each["name"] == "v1"]
        schema["properties"].pop("status", None)
        schemas[f"{spec['group']}/v1/{spec['names']['kind']}"] = _without_words(schema)
    text = json.dumps(schemas, separators=(",", ":"), sort_keys=True)
    target.write_bytes(gzip.compress(text.encode(), mtime=0))


def problems(document: dict[str, Any], release: str) -> list[str]:
    """What is wrong with it, and where; a field that its schema does not know is, too. Raises KeyError where the
    release does not have the kind.
    """
    schemas: dict[str, Schema] = json.loads(gzip.decompress((FOLDER / f"{release}.json.gz").read_bytes()))
    schema = schemas[f"{document['apiVersion']}/{document['kind']}"]
    errors = jsonschema.Draft202012Validator(_strict(schema)).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in errors]


def _without_words(schema: Any) -> Any:
    """A property may be called description, too: then it is a schema, and no text."""
    if isinstance(schema, list):
        return [_without_words(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_words(value)
        for key, value in schema.items()
        if not (key == "description" and isinstance(value, str)) and key != "x-kubernetes-validations"
    }


def _strict(schema: Schema) -> Schema:
    """As JSON Schema: what has properties has no others, and what may be a number or a text may be either."""
    made = {key: value for key, value in schema.items() if key not in (_INT_OR_STRING, _OPEN, "nullable")}
    if schema.get(_INT_OR_STRING):
        made["type"] = ["integer", "string"]
        made.pop("anyOf", None)
    if schema.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            made[key] = _strict(schema[key])
    if "properties" in schema:
        made["properties"] = {name: _strict(each) for name, each in schema["properties"].items()}
        if not schema.get(_OPEN):
            made.setdefault("additionalProperties", False)
    return made
