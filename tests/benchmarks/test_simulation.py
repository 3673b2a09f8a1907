"""The simulated queues against what is known of queues, the fewest machines, and a real server's visitors."""

import re
import time
from collections.abc import Sequence

import numpy as np
import pytest

from app.config import RunConfig
from app.settings import Settings
from benchmarks.simulation import parts as measured_elsewhere
from benchmarks.simulation.arrivals import Arrivals, Load, arrivals
from benchmarks.simulation.measure import PLACES, Sample, measure
from benchmarks.simulation.parts import LEADER, parts
from benchmarks.simulation.picture import draw
from benchmarks.simulation.queueing import Part, simulate
from benchmarks.simulation.report import bottlenecks, machines, sentences, size_all
from benchmarks.simulation.sizing import (
    MEDIAN_S,
    P99_S,
    Service,
    best_size,
    draw_samples,
    fewest_machines,
    machines_for,
    most_viewers,
    most_visitors,
    waits,
)
from benchmarks.simulation.visits import Visits
from tests.test_package import ROOT

CHANCE = np.random.default_rng
SHORT = RunConfig(epochs=1, hidden=[16])
SMALL = Sample(race=SHORT, races=1, starts=5, visits=Visits(4, [SHORT], pace=100))
LEADS = Part(LEADER, 0.1, 0.9)
ALONE = Load(600, lecture_share=0.0)


def serving(*race_s: float, parts: Sequence[Part] = ()) -> Service:
    """With few races of a sample, for tests to be quick."""
    return Service(np.array(race_s), parts, 800)


def test_one_machine_races_one_after_the_other():
    simulated = simulate(np.array([0.0, 1.0, 1.5, 20.0]), np.full(4, 2.0), 1)
    assert simulated.waits.tolist() == [0.0, 1.0, 2.5, 0.0]
    assert simulated.busy == pytest.approx(8 / 22)


def test_two_machines_serve_in_order_of_arrival():
    simulated = simulate(np.array([0.0, 0.0, 0.5, 0.6]), np.array([2.0, 1.0, 2.0, 2.0]), 2)
    assert simulated.waits.tolist() == [0.0, 0.0, 0.5, 1.4]


def test_the_mean_wait_is_that_of_the_formula_for_chance_arrivals_and_equal_races():
    # Pollaczek and Khinchine: ρs / 2(1 − ρ) where races all take s.
    busy, service_s = 0.7, 2.0
    asked = CHANCE(3).exponential(service_s / busy, 40_000).cumsum()
    simulated = simulate(asked, np.full(len(asked), service_s), 1)
    assert simulated.waits.mean() == pytest.approx(busy * service_s / 2 / (1 - busy), rel=0.05)
    assert simulated.busy == pytest.approx(busy, rel=0.03)


def test_the_wait_for_a_part_is_that_of_the_same_formula():
    busy, start_s = 0.7, 0.2
    asked = CHANCE(3).exponential(start_s / busy, 40_000).cumsum()
    simulated = simulate(asked, np.full(len(asked), 2.0), None, [Part("leader", start_s, 0.0)])
    assert simulated.waits.mean() == pytest.approx(start_s + busy * start_s / 2 / (1 - busy), rel=0.05)
    assert busy < simulated.peaks["leader"] < 1


def test_a_start_waits_behind_what_other_races_tell_the_leader():
    # The first one's race is over after 3 s, and a third of what it tells comes with each of them.
    asked, leader = np.array([0.0, 2.5, 10.0]), [Part("leader", 0.0, 3.0)]
    assert simulate(asked, np.full(3, 3.0), None, leader).waits.tolist() == pytest.approx([0.0, 0.5, 0.0])


def test_a_machine_is_free_when_all_that_its_race_has_told_is_taken_in():
    asked = np.array([0.0, 0.0])
    assert simulate(asked, np.full(2, 3.0), 1, [Part("leader", 0.0, 6.0)]).waits.tolist() == pytest.approx([0.0, 7.0])


def test_the_busiest_minute_of_a_part_is_told():
    # 30 races within the second of three minutes, two seconds of the part each, and one in the third.
    asked = np.concatenate([[0.0], np.linspace(60, 118, 30), [179.0, 181.0]])
    simulated = simulate(asked, np.full(len(asked), 0.1), None, [Part("leader", 2.0, 0.0)])
    assert simulated.peaks["leader"] == pytest.approx(1.0)


def test_the_seconds_of_a_load_are_alike():
    races = arrivals(Load(60_000, lecture_share=0.0, thinking_s=600), 3600, CHANCE(5)).races
    first, last = np.histogram(races, bins=2, range=(0, 3600))[0]
    assert first == pytest.approx(last, rel=0.02)


def test_lectures_begin_at_random_times_and_their_students_come_within_a_minute():
    load = Load(3_000, races_each=1, lecture_share=1.0)
    hours = 40
    come = arrivals(load, hours * 3600, CHANCE(5))
    assert (np.diff(come.visitors) >= 0).all()
    assert (np.diff(come.races) >= 0).all()
    assert len(come.visitors) % load.lecture == 0
    assert len(come.visitors) / hours == pytest.approx(load.visitors, rel=0.1)
    by_minute = np.histogram(come.visitors, bins=hours * 60, range=(0, hours * 3600))[0]
    # A lecture is over two minutes at most; of some 400 at random times several meet another, and some hours have few.
    assert load.lecture < by_minute.max() <= 4 * load.lecture
    assert len(set(by_minute.reshape(hours, 60).sum(axis=1))) > 5


def test_students_who_join_a_race_are_viewers_and_ask_for_none():
    load = Load(30_000, races_each=1, lecture_share=1.0)
    each, joined = (arrivals(load._replace(joining=share), 3600, CHANCE(5)) for share in (0.0, 0.8))
    assert len(each.visitors) == len(joined.visitors) == len(each.races)
    assert len(joined.races) == round(len(each.races) * 0.2)
    assert load._replace(joining=0.8).racing == pytest.approx(6_000)


def test_the_most_viewers_at_once_are_counted():
    come = Arrivals(np.array([0.0, 1.0, 2.0, 10.5, 11.0]), np.array([]))
    assert come.viewers(stays_s=10) == 3
    assert come.viewers(stays_s=0.5) == 1
    assert Arrivals(np.array([]), np.array([])).viewers(stays_s=10) == 0


@pytest.mark.slow
def test_longer_races_need_more_machines_for_the_same_waits():
    needed = fewest_machines(Load(400), serving(2.0, 3.0))
    longer = fewest_machines(Load(400), serving(3.0, 4.5))
    assert needed.waits.median < MEDIAN_S
    assert needed.waits.p99 < P99_S
    assert longer.machines > needed.machines


def test_one_machine_less_than_needed_breaks_a_bound():
    needed = fewest_machines(ALONE, serving(11.0))
    drawn = draw_samples(ALONE, serving(11.0))
    assert waits(drawn, needed.machines, ()).enough
    assert not waits(drawn, needed.machines - 1, ()).enough


@pytest.mark.slow
def test_one_machine_serves_fewer_visitors_than_would_keep_it_busy_without_a_pause():
    races_of_two_seconds, of_four = (most_visitors(ALONE, serving(seconds), 1) for seconds in (2.0, 4.0))
    # 900 visitors with two races each would keep it busy for the whole hour, and the queue would grow.
    assert 600 < races_of_two_seconds < 900
    assert 0.3 < of_four / races_of_two_seconds < 0.5


def test_a_web_server_serves_the_visitors_who_are_there_at_once():
    # 30 times 20 of them within an hour, if they came at equal distances.
    assert 150 < most_viewers(ALONE, 20) < 600


@pytest.mark.slow
def test_what_one_leader_cannot_bear_is_given_to_several_clusters():
    service = serving(2.0, parts=[LEADS])
    size = best_size(ALONE, service)
    # 3,600 races of a second each would be all that it can do, two of them a visitor's.
    assert 500 < size < 1_800
    one, several = (machines_for(ALONE._replace(visitors=size * times), size, service) for times in (1, 10))
    assert (one.clusters, several.clusters) == (1, 10)
    assert several.machines == one.machines
    assert several.load.visitors == size * 10
    assert fewest_machines(ALONE._replace(visitors=2_000), service) is None, "one leader's races would wait"


def test_a_start_is_a_part_of_what_a_race_takes_of_the_leader():
    by_name = {part.name: part for part in parts(0.014)}
    assert by_name[LEADER].start_s == 0.014
    assert all(part.seconds > 0 for part in by_name.values())
    assert by_name[LEADER].seconds == measured_elsewhere.LEADER_S


@pytest.mark.parametrize(
    ("name", "written"),
    {
        "VIEWERS": "{:,} viewers",
        "LEADER_S": "{:.2f} s",
        "DRIVER_S": "{:.2f} s",
        "HEAD_S": "{:.2f} s",
        "POSTGRES_PER_S": "{} whole races a second",
    }.items(),
)
def test_the_document_has_the_figures_that_the_simulation_is_fed_with(name, written):
    text = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    [table] = re.findall(r"\*\*What is the next bottleneck\.\*\*(.*?)\n\n[A-Z]", text, re.DOTALL)
    assert written.format(getattr(measured_elsewhere, name)) in table


def test_no_load_is_begun_when_the_time_is_over():
    began = []
    needed = size_all(serving(2.0), time.monotonic() - 1, began.append)
    assert list(needed.values()) == [[], []]
    assert began == []


@pytest.mark.slow
def test_a_real_server_is_measured_and_the_report_says_how_its_visitors_waited(few_idx_files, tmp_path):
    settings = Settings(data_dir=few_idx_files, cache_dir=tmp_path / "cache")
    measured = measure(settings, tmp_path, SMALL)
    assert measured.race_s.min() > 0
    assert measured.start_s is None or 0 <= measured.start_s < 10
    compared = measured.compared
    assert (compared.places, len(compared.real), len(compared.simulated)) == (PLACES, 4, 4)
    # No one waits before pressing play.
    assert min(compared.real) >= 0

    said = " ".join(sentences(measured))
    assert "4 visitors of a real server with 2 places" in said
    assert (measured.start_s is None) != ("A start took" in said)


@pytest.mark.slow
def test_tables_and_picture_have_each_load():
    service = serving(2.0, parts=[LEADS])
    needed = [fewest_machines(ALONE._replace(visitors=visitors), service) for visitors in (200, 400)]
    assert machines("Each races alone", needed).row_count == 2
    assert bottlenecks({"a machine": 540, LEADER: 4_000}).row_count == 2
    assert draw({"Each races alone": needed, "Some watch one race": needed}).startswith(b"\x89PNG")
