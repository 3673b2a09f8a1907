"""The OpenAPI document against a real server: whatever request it gets, valid or not, the answer is one
that the document describes.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.server_process import served, start_owned

pytestmark = pytest.mark.slow

# The same questions each time.
ALIKE = settings(
    max_examples=12, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def address(few_idx_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(few_idx_files, tmp_path_factory.mktemp("cache")) as (_, address):
        yield address


def test_every_answer_is_one_that_the_document_describes(address):
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    failures = []
    run_id, mine = start_owned(address)
    for operation in operations:
        for mode in schemathesis.GenerationMode:

            @ALIKE
            @given(case=operation.as_strategy(generation_mode=mode))
            def answer_is_described(case):
                if case.meta.generation.mode.is_positive and "run_id" in case.path_parameters:
                    # No generator finds a run, or its key.
                    case.path_parameters["run_id"] = run_id
                    case.headers.update(mine)
                answer = case.call()
                # Whether there are so many digits, or whether 128.0 is a whole number, no document says.
                excluded = [positive_data_acceptance]
                if answer.status_code == 501:
                    # oEmbed prescribes it for a format that is not offered.
                    excluded.append(not_a_server_error)
                case.validate_response(answer, excluded_checks=excluded)

            try:
                # A route without arguments cannot be called wrongly.
                with suppress(Unsatisfiable):
                    answer_is_described()
            except BaseExceptionGroup as problem:
                failures.append(f"{operation.label}: {problem} {problem.exceptions}")

    assert {"POST /api/runs", "GET /api/capacity", "PUT /api/runs/{run_id}/pace"} <= {op.label for op in operations}
    assert failures == []
