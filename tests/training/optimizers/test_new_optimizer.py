"""An optimizer is one file: whatever shows, describes or takes optimizers finds it there."""

import subprocess
import sys
from pathlib import Path

import pytest

A_NEW_ONE = """
from app.training.optimizers.base import Optimizer, decay_rate

class SignSGD(Optimizer):
    name = "signsgd"
    label = "signSGD"
    year = 2018
    source = "Bernstein et al., 2018"
    in_short = "steps of one length"
    sentence = "Only the direction of a slope counts."
    formula = "w ← w − η sign(g)"
    usual_learning_rate = 0.001
    hyperparameters = {"rho": decay_rate("ρ", 0.5, "signs")}

    def move(self, theta, g):
        pass
"""
AND_WHO_SEES_IT = """
import sys
from importlib.util import find_spec, module_from_spec
package = find_spec("app.training.optimizers")
package.submodule_search_locations.append(sys.argv[1])
sys.modules[package.name] = module_from_spec(package)
package.loader.exec_module(sys.modules[package.name])

from app.config import RunConfig, catalogue
from app.lane_options import race_choices
from app.report.caption import lane_names
lane = {"optimizer": "signsgd", "rho": 0.25}
config = RunConfig.of({"lanes": [lane]})
assert config.lanes[0].hyperparameters() == {"rho": 0.25}
assert list(catalogue())[-3] == "signsgd" and catalogue()["signsgd"]["sentence"]
assert race_choices(["signsgd"], [], [], [])["lanes"] == [{"optimizer": "signsgd", "learning_rate": 0.001}]
assert lane_names({"config": config.model_dump()}) == "signSGD"
assert "Bernstein" in str(RunConfig.model_json_schema())
from app.cli import main
sys.argv = ["playground", "race", "--help"]
main()
"""


@pytest.mark.slow
def test_a_new_optimizer_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "sign.py").write_text(A_NEW_ONE, encoding="utf-8")
    seen = subprocess.run(
        [sys.executable, "-c", AND_WHO_SEES_IT, tmp_path], capture_output=True, text=True, encoding="utf-8"
    )

    assert seen.returncode == 0, seen.stderr
    assert "signsgd" in seen.stdout
