/** What the server sends of sweeps, as docs/protocol.md and the OpenAPI document describe it. */

interface Spread {
  mean: number;
  /** The standard deviation over the seeds; 0 for one alone. */
  deviation: number;
  seeds: number;
}

/** A spread, and from which seed to which it ranges. */
interface SeedRange {
  mean: number;
  deviation: number;
  seeds: number;
  lowest: number;
  highest: number;
}

interface SweepCell {
  at: Record<string, any>;
  config: Config;
  learning_rate: number;
  /** The number of its curve. */
  curve: number;
  /** The id of its run once it has begun; null also where the run is not on this server. */
  run: string | null;
  status: LaneStatus;
  reason: string | null;
  steps: number;
  seconds: number;
  test_accuracy: number | null;
  test_loss: number | null;
  /** By target, as "0.95": the first evaluation at or above it. */
  reached: Record<string, { step: number; seconds: number }>;
  /** Each: step, epochs, seconds, test accuracy, test loss. */
  evaluations: (number | null)[][];
}

interface SweepPoint {
  learning_rate: number;
  seeds: number;
  fallen: number;
  accuracy: SeedRange | null;
  loss: SeedRange | null;
  batches: SeedRange | null;
}

interface Plateau {
  low: number;
  high: number;
  decades: number;
  at_least: boolean;
  /** Its decades with each seed alone. */
  width: Spread | null;
  text: string;
}

/** Mean test accuracy after so many batches, a row each, at each of the curve's points. */
interface RateMap {
  steps: number[];
  accuracy: (number | null)[][];
}

interface SweepCurve {
  name: string;
  optimizer: Optimizer;
  best: number | null;
  plateau: Plateau | null;
  points: SweepPoint[];
  /** Null where learning rates are not compared. */
  map: RateMap | null;
}

interface Trial {
  learning_rate: number;
  accuracy: Spread | null;
  batches: Spread | null;
  seconds: Spread | null;
}

interface Verdict {
  name: string;
  curve: number;
  as_it_comes: Trial;
  tuned: Trial;
  plateau: Plateau | null;
}

interface SweepSummary {
  id: string;
  status: RunStatus;
  created_at: string;
  position: number | null;
  wait_s: number | null;
  stopped_by: 'owner' | 'unwatched' | 'others' | null;
  axes: Record<string, any[]>;
  config: Record<string, any>;
  compares_rates: boolean;
  target: number;
  phase: 'grid' | 'fresh seeds';
  total: number;
  done: number;
  remaining_s: number | null;
  saved: boolean | null;
  curves: SweepCurve[];
  verdicts: Verdict[];
  sentences: string[];
}

interface Sweep extends SweepSummary {
  cells: SweepCell[];
  fresh: SweepCell[];
}

type SweepMessage =
  | { type: 'sweep'; cursor: number; sweep: SweepSummary; cells: Record<string, SweepCell>; fresh: Record<string, SweepCell> }
  | { type: 'beat' }
  | { type: 'error'; error: { code: string; message: string } };

interface SweepsBootstrap extends Limits {
  /** The sweep of the page; null on the form for a new one, and where nothing is recorded of an experiment. */
  sweep_id: string | null;
  experiment: ExperimentPage | null;
  /** What a sweep goes over. */
  sweep: Record<string, ChoiceRow>;
  config: Config;
  capacity: Capacity;
  /** To train on. */
  digits: number;
  /** Multiply-adds a second of this server, and those that a step costs beside its arithmetic. */
  speed: number;
  step_overhead: number;
}
