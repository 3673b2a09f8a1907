/** What the server sends of runs, and with its pages, as docs/protocol.md and the OpenAPI document describe it. */

/** One of the catalogue's. */
type Optimizer = string;

type Schedule = 'constant' | 'step' | 'cosine' | 'warmup_cosine';

interface LaneConfig {
  optimizer: Optimizer;
  learning_rate?: number | null;
  schedule?: Schedule;
  weight_decay?: number;
  momentum?: number;
  rho?: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

interface Config {
  learning_rate: number;
  batch_size: number;
  epochs: number;
  hidden: number[];
  activation?: 'relu' | 'tanh' | 'sigmoid';
  initialisation?: 'he' | 'xavier' | 'small' | 'zero';
  seed: number;
  target_accuracy?: number | null;
  lanes: LaneConfig[];
}

type RunStatus = 'queued' | 'running' | 'paused' | 'stopping' | 'finished' | 'stopped' | 'failed' | 'interrupted';

type LaneStatus = 'waiting' | 'running' | 'finished' | 'stopped' | 'diverged' | 'failed' | 'interrupted';

interface Reached {
  accuracy: number;
  step: number;
  seconds: number;
}

interface Lane {
  lane: number;
  optimizer: Optimizer;
  /** The one in force, before its schedule. */
  learning_rate: number;
  /** `step` is the first one trained with it. */
  learning_rate_changes: { step: number; learning_rate: number }[];
  status: LaneStatus;
  reason: string | null;
  /** How long its worker has not answered; null if it does. */
  silent_s: number | null;
  ended_at: number | null;
  steps: number;
  seconds: number;
  /** The newest evaluation measured some of the digits instead of all. */
  quick: boolean;
  test_accuracy: number | null;
  test_loss: number | null;
  train_accuracy: number | null;
  train_loss: number | null;
  reached: Reached[];
}

interface Answer {
  digit: number;
  confidence: number | null;
}

interface HardDigit {
  index: number;
  label: number;
  answers: (Answer | null)[];
}

interface Run {
  id: string;
  /** Grows with every change of this description, but for steps and seconds; starts again with a restarted server. */
  version: number;
  status: RunStatus;
  position: number | null;
  created_at: string;
  config: Config;
  batches_per_epoch: number;
  form: string | null;
  total_steps: number;
  /** Batches a second of each lane; null is full speed. */
  pace: number | null;
  /** Whether the server keeps all of it so far; null when it keeps no runs. */
  saved: boolean | null;
  paused_by: 'owner' | 'unwatched' | null;
  stopped_by: 'owner' | 'unwatched' | 'others' | null;
  /** About how long it will wait in the queue; null if unknown. */
  wait_s: number | null;
  /** Unknown because a run before it is paused. */
  behind_paused: boolean;
  /** In a class's queue: a race to watch until it starts. */
  meanwhile: string | null;
  /** The id of the sweep that it is a training of. */
  sweep: string | null;
  /** How many pages and clients watch it; 0 once it is over. */
  viewers: number;
  lanes: Lane[];
  hard_digits: HardDigit[];
  /** What is happening, in one to three sentences; in them, **this** is emphasised. */
  story: string[];
  /** Where a lane's test loss was lowest, once it has risen since. */
  turns: { lane: number; step: number; test_loss: number }[];
}

/** What a replay tells from so many seconds of each lane's own training on. */
interface Moment {
  seconds: number;
  sentences: string[];
}

interface Capacity {
  running: number;
  queued: number;
  max_running: number;
  max_queued: number;
  wait_s: number | null;
  can_start: boolean;
  reason: string | null;
  retry_after_s: number | null;
  max_turn_s: number | null;
  max_full_speed_turn_s: number | null;
  passphrase: boolean;
  /** Visitors are distinguished by browser, and equal races are one. */
  classroom: boolean;
  /** What a start with these choices would join. */
  joinable: Config | null;
}

type Message =
  | { type: 'run'; run: Run }
  | SweepMessage
  | { type: 'beat' }
  | { type: 'draining' }
  | { type: 'error'; error: { code: string; message: string } };

interface Block {
  kind: 'frame' | 'evaluations' | 'pushes';
  lane: number;
  first: number;
  rows: number;
  columns: Record<string, Float32Array>;
}

interface Cursor {
  steps: number[];
  evaluations: number[];
  pushes: number[];
}

interface Hyperparameter {
  help: string;
  symbol: string;
  label: string;
  default: number;
  low: number;
  high: number;
  presets: number[];
}

/** What is said of an optimizer, and what a lane of it has when nothing is chosen; `learning_rate` null is the shared one. */
interface OptimizerEntry {
  label: string;
  source: string;
  sentence: string;
  /** In lines what is kept, and in the last one the step itself. */
  /** What it does, in a few words beside its name. */
  in_short: string;
  formula: string[];
  learning_rate: number | null;
  weight_decay: number;
  hyperparameters: Record<string, Hyperparameter>;
}

/** A choice as the server lists it: app/choices.py says what each is. */
interface ChoiceRow {
  kind: string;
  name: string;
  label: string;
  range: [number, number];
  length: [number, number];
  options: Record<string, string>;
  presets: any[];
  default: any;
  /** In a summary, with {} for the value, or {:,} for one in groups of three digits. */
  said: string;
  /** The same where there is little room. */
  short: string;
  more: boolean;
  /** A word for no value, where there is one. */
  none?: string;
  /** Of a lane's: what it is, in a sentence. */
  help?: string;
}

/** Between what a visitor can choose. */
interface Limits {
  settings: Record<string, ChoiceRow>;
  lane_settings: Record<string, ChoiceRow>;
  view: Record<string, ChoiceRow>;
  /** The settings of a race that are said, in this order. */
  said: string[];
  optimizers: Record<Optimizer, OptimizerEntry>;
}

interface Bootstrap extends Limits {
  run_id: string | null;
  /** The run that the front page shows first; null where there is none. */
  recorded: string | null;
  /** On the page of an experiment. */
  experiment: ExperimentPage | null;
  capacity: Capacity;
  config: Config;
  /** A few test digits: 784 bytes each, in base64. */
  dataset: Digits & { examples: { label: number; index: number }[] };
}

/** What a page knows of the digits from the start. */
interface Digits {
  name: string;
  train: number;
  test: number;
  /** How many test digits a quick evaluation measures. */
  quick: number;
  /** The labels of the digits of the wall. */
  wall: number[];
}
