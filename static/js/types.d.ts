/** Shapes shared by several modules of the page, known in all of them; those that the server sends are in the files beside. */

/** Append-only columns of numbers; only the first `count` values of a column are meaningful. */
interface Table {
  count: number;
  column(name: string): Float32Array;
  append(columns: Record<string, Float32Array>, rows: number): void;
}

interface LaneRows {
  frames: Table;
  evaluations: Table;
  pushes: Table;
}

interface Store {
  run: Run | null;
  lanes: LaneRows[];
  /** Grows with every change of rows. */
  rowsVersion: number;
  /** Grows with every change of the run. */
  runVersion: number;
  setRun(run: Run): void;
  append(block: Block): boolean;
  cursor(): Cursor;
  clearRows(): void;
}

type PageState =
  | 'idle'
  | 'starting'
  | 'queued'
  | 'racing'
  | 'paused'
  | 'stopping'
  | 'finished'
  | 'stopped'
  | 'failed'
  | 'interrupted'
  | 'replaying'
  | 'lost'
  | 'gone';

/** What the length of a race follows from; known before it starts. */
interface Plan {
  batchSize: number;
  batchesPerEpoch: number;
  epochs: number;
  totalSteps: number;
  /** How long it goes on, in words. */
  goal: string;
}

/** How a lane looks and what it is called, everywhere on the page. */
interface Identity {
  lane: number;
  key: string;
  name: string;
  optimizer: Optimizer;
  colour: 'orange' | 'green' | 'blue' | 'pink' | 'brown' | 'grey';
  marker: 'circle' | 'square' | 'triangle' | 'diamond' | 'plus' | 'star';
  /** Of its line, in CSS pixels; empty for one without gaps. */
  dash: number[];
  rule: string;
  inShort: string;
  dials: string;
}

type XAxisName = 'log' | 'step' | 'epoch' | 'examples' | 'seconds';

interface ViewChoices {
  x: XAxisName;
  /** Where the x axis ends while a race goes on: just past its leader, or where the plan does. */
  reach: 'race' | 'plan';
  loss_scale: 'log' | 'linear';
  smoothing: number;
  /** How many seeds a race is repeated over. */
  seeds: number;
  /** Ids of earlier runs that are laid under the one on show. */
  ghosts: string[];
  /** Ids of the runs with the seeds before the one on show. */
  series: string[];
  /** Batches a second of each lane, null at full speed. */
  pace: number | null;
  /** Panels that are closed. */
  hide: string[];
  /** Panels on the stage, from the left. */
  stage: string[];
  present: boolean;
}

interface Link {
  /** False from the moment a connection is lost until something arrives again. */
  alive: boolean;
  /** Nothing more will come: the run is over and all of it is here. */
  over: boolean;
  gone: boolean;
  /** No websocket gets through; the page asks once a second instead. */
  polling: boolean;
  /** The server has said that it is about to end, and has not been heard again yet. */
  restarting: boolean;
  /** Why the server does not let this viewer in, in a sentence. */
  problem: string | null;
  /** When the next attempt starts, in performance.now() milliseconds; null while one is under way. */
  retryAt: number | null;
  /** Grows with every message. */
  heard: number;
}

/** An earlier run that is laid under the one on show. */
interface Ghost {
  store: Store;
  plan: Plan;
  lanes: Identity[];
  /** What was different about it, in short. */
  label: string;
  /** It was on show right before. */
  last: boolean;
}

/** The same race with one seed after the other. */
interface Series {
  readonly first: Config;
  readonly seeds: number;
  /** The seeds that are over; the one on show comes after them. */
  readonly members: readonly Store[];
}

/** Everything the panels draw from; made once per animation frame. */
interface Scene {
  state: PageState;
  run: Run | null;
  /** No run is on show, or one that was started in this browser. */
  mine: boolean;
  /** Another visitor's, joined by pressing play with the same settings. */
  joined: boolean;
  /** What is on show is the recording on the front page. */
  recorded: boolean;
  store: Store;
  /** All there is, while a replay shows the store as it was. */
  whole: Store;
  ghosts: readonly Ghost[];
  series: Series | null;
  link: Link | null;
  plan: Plan;
  lanes: Identity[];
  view: ViewChoices;
  speed: number | null;
  /** What a race would have to wait for, empty when it would not; the same in a few words. */
  wait: string;
  waitInShort: string;
}

interface Choice<T = any> {
  /** What it is, in a sentence, where the page has to say it. */
  help?: string;
  name: string;
  label: string;
  expected: string;
  presets: T[];
  /** The value of a text, or undefined when it is not one. */
  parse(text: string): T | undefined;
  format(value: T): string;
  /** How the address says it, where that is not as the field does. */
  write?(value: T): string;
  /** A sentence about a text that can be read in two ways, else empty. */
  doubt?(text: string): string;
  /** What the options of a choice are called. */
  words?: Record<string, string>;
}

/** The parts of the page, as main.js puts them together. */
interface Page {
  scenes: ReturnType<typeof import('./model/scene.js').createScenes>;
  race: ReturnType<typeof import('./link/race.js').createRace>;
  controls: ReturnType<typeof import('./form/controls.js').createControls>;
  series: ReturnType<typeof import('./model/series.js').createSeries>;
  seriesFeed: ReturnType<typeof import('./link/series-feed.js').createSeriesFeed>;
  ghosts: ReturnType<typeof import('./page/ghosts.js').createGhosts>;
  capacity: ReturnType<typeof import('./link/capacity.js').createCapacity>;
  address: ReturnType<typeof import('./page/page-address.js').createPageAddress>;
  replay: ReturnType<typeof import('./panels/replay-bar.js').createReplayBar>;
  commands: ReturnType<typeof import('./page/commands.js').createCommands>;
  /** What is written of every moment, all of it at once. */
  words: import('./ui/update-queue.js').Panel;
  updates: ReturnType<typeof import('./ui/update-queue.js').createUpdateQueue>;
  charts: ReturnType<typeof import('./charts/charts.js').createCharts>;
  transport: ReturnType<typeof import('./page/transport.js').createTransport>;
  notices: ReturnType<typeof import('./ui/notices.js').createNotices>;
  announce(text: string): void;
  /** The story on show. */
  story(): string;
  /** Asks for an animation frame after some milliseconds; null for none. */
  markIn(wait: number | null): void;
  /** The visitor did something, and sees it at once. */
  touched(): void;
  /** Another view is wanted. */
  viewChanged(): void;
}

/** The first batches of a race as `app/training/trace.py` writes them: by letter, a number for each batch. */
interface TraceLane {
  optimizer: string;
  /** Of the run in the address: the lane's name there, and the number of its look. */
  name?: string;
  look?: number;
  /** Of the learning rate and the hyperparameters, by letter. */
  numbers: Record<string, number>;
  losses: number[];
  /** A loud one, a middling one and a quiet one; `w` has one number more. */
  weights: Record<string, number[]>[];
}

interface Trace {
  seed: number;
  batch_size: number;
  /** 28 × 28 bytes, in base64. */
  mean_digit: string;
  pixels: { row: number; column: number; ink: number }[];
  lanes: TraceLane[];
}
