"""The simulated queue against what is known of queues, the fewest machines, and a real server's visitors."""

import numpy as np
import pytest

from app.config import RunConfig
from app.settings import Settings
from app.training.dataset import prepare
from benchmarks.simulation.measure import PLACES, Measured, Sample, measure
from benchmarks.simulation.parts import parts
from benchmarks.simulation.picture import draw
from benchmarks.simulation.queueing import Load, requests, simulate
from benchmarks.simulation.report import machines, others, sentences
from benchmarks.simulation.sizing import MEDIAN_S, P99_S, machines_for, visitors_of_one
from benchmarks.simulation.visits import Compared, Visits

CHANCE = np.random.default_rng
SHORT = RunConfig(epochs=1, hidden=[16])
SMALL = Sample(race=SHORT, races=1, written_s=0.1, visits=Visits(4, [SHORT], pace=100))


def test_one_machine_races_one_after_the_other():
    asked = np.array([0.0, 1.0, 1.5, 20.0])
    simulated = simulate(asked, 1, np.full(4, 2.0))
    assert simulated.waits.tolist() == [0.0, 1.0, 2.5, 0.0]
    assert simulated.busy == pytest.approx(8 / 22)


def test_two_machines_serve_in_order_of_arrival():
    simulated = simulate(np.array([0.0, 0.0, 0.5, 0.6]), 2, np.array([2.0, 1.0, 2.0, 2.0]))
    assert simulated.waits.tolist() == [0.0, 0.0, 0.5, 1.4]


def test_the_mean_wait_is_that_of_the_formula_for_chance_arrivals_and_equal_races():
    # Pollaczek and Khinchine: ρs / 2(1 − ρ) where races all take s.
    busy, service_s = 0.7, 2.0
    asked = CHANCE(3).exponential(service_s / busy, 40_000).cumsum()
    simulated = simulate(asked, 1, np.full(len(asked), service_s))
    assert simulated.waits.mean() == pytest.approx(busy * service_s / 2 / (1 - busy), rel=0.05)
    assert simulated.busy == pytest.approx(busy, rel=0.03)


def test_the_seconds_of_a_load_are_alike():
    asked = requests(Load(visitors=60_000, lecture_share=0, lecture=1, thinking_s=600), 3600, CHANCE(5))
    first, last = np.histogram(asked, bins=2, range=(0, 3600))[0]
    assert first == pytest.approx(last, rel=0.02)


def test_every_load_has_a_lecture_that_comes_within_a_minute():
    asked = requests(Load(visitors=400, races_each=1, lecture=300), 3600, CHANCE(5))
    assert (np.diff(asked) >= 0).all()
    assert max(np.histogram(asked, bins=60, range=(0, 3600))[0]) >= 150
    assert 300 <= len(asked) <= 500


def test_students_who_join_a_race_ask_for_none():
    alone, joining = (Load(visitors=300, races_each=1, joining=share) for share in (0.0, 0.8))
    assert len(requests(alone, 3600, CHANCE(5))) == 300
    assert len(requests(joining, 3600, CHANCE(5))) == 60


@pytest.mark.parametrize("visitors", [400, 5_000])
def test_longer_races_need_more_machines_for_the_same_waits(visitors):
    needed = machines_for(Load(visitors), np.array([2.0, 3.0]))
    assert needed.simulated.median < MEDIAN_S
    assert needed.simulated.p99 < P99_S
    assert machines_for(Load(visitors), np.array([3.0, 4.5])).machines > needed.machines


def test_however_short_the_load_machines_keep_up_with_it():
    # Of 100,000 an hour only so many are simulated as come within some minutes, who find no queue yet.
    needed = machines_for(Load(visitors=100_000, lecture_share=0, lecture=1), np.array([60.0]))
    assert needed.machines > 100_000 * 2 * 60 / 3600 * 0.99


def test_one_machine_less_than_needed_breaks_a_bound():
    # Few enough to be found exactly: all 300 races of 2 s that are started within a minute wait under 30 s on 8.
    load = Load(visitors=300, races_each=1)
    needed = machines_for(load, np.array([2.0]))
    asked = requests(load, 3600, CHANCE(42))
    fewer = simulate(asked, needed.machines - 1, np.full(len(asked), 2.0))
    assert fewer.median >= MEDIAN_S or fewer.p99 >= P99_S


def test_one_machine_serves_fewer_visitors_than_would_keep_it_busy_without_a_pause():
    races_of_two_seconds, of_four = (visitors_of_one(np.array([seconds])) for seconds in (2.0, 4.0))
    # 900 visitors with two races each would keep it busy for the whole hour, and the queue would grow.
    assert 600 < races_of_two_seconds < 900
    assert 0.3 < of_four / races_of_two_seconds < 0.5


def test_each_part_is_needed_as_often_as_it_is_too_small():
    measured = Measured(np.array([2.0]), 0.5, 10.0, Compared(1, [0.0], [0.0]))
    by_name = {part.name: part for part in parts(Load(1, races_each=2, stays_s=120), measured)}
    # Half a second of 3,600 for each of two races; 3,000 viewers at once, 30 times an hour.
    assert by_name["leading server"].serves == 3600
    assert by_name["server, for viewers"].serves == 90_000
    assert by_name["SQLite"].serves == 18_000
    assert [by_name["SQLite"].needed(Load(visitors)) for visitors in (18_000, 18_001, 40_000)] == [1, 2, 3]


@pytest.mark.slow
def test_a_real_server_is_measured_and_the_report_says_how_its_visitors_waited(few_idx_files, tmp_path):
    settings = Settings(data_dir=few_idx_files, cache_dir=tmp_path / "cache")
    folder = tmp_path / "servers"
    folder.mkdir()
    measured = measure(settings, prepare(settings.data_dir, settings.cache_dir), folder, SMALL)
    assert measured.written_per_s > 0
    assert measured.race_s.min() > 0
    compared = measured.compared
    assert (compared.places, len(compared.real), len(compared.simulated)) == (PLACES, 4, 4)
    # No one waits before pressing play.
    assert min(compared.real) >= 0

    needed = [machines_for(Load(visitors), np.array([2.0])) for visitors in (300, 600)]
    beside = parts(needed[0].load, measured)
    assert machines(needed, needed).row_count == others([each.load for each in needed], beside).row_count == 2
    assert "4 visitors of a real server with 2 places" in " ".join(sentences(measured, beside))
    assert draw(needed, needed, "most together").startswith(b"\x89PNG")
