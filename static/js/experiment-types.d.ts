/** What the server sends of experiments and lessons, as docs/protocol.md and the OpenAPI document describe it. */

/** Which guess is right, and why; `choice` is its key, and null where the result does not tell. */
interface ExperimentAnswer {
  choice: string | null;
  label: string | null;
  sentences: string[];
}

/** What the page of an experiment starts from. */
interface ExperimentPage {
  name: string;
  guesses: { key: string; label: string }[];
  /** How it is shown, where that is not as usual. */
  view: Record<string, any>;
  /** Of a sweep; null of a race. */
  axes: Record<string, any[]> | null;
  config: Record<string, any>;
  /** What the page shows first; null where there is none. */
  recorded: { id: string; answer: ExperimentAnswer } | null;
}

/** What answers a lesson: a race with this config, or, where there are axes, a sweep over them. */
interface LessonExperiment {
  name: string;
  view: Record<string, any>;
  config: any;
  axes: Record<string, any[]> | null;
}

/** What the answer of a lesson is read from. */
interface LessonResult {
  kind: 'run' | 'sweep';
  id: string;
}

/** A question to a class: app/web/schemas.py says what each field is. */
interface Lesson {
  id: string;
  experiment: string;
  title: string;
  question: string;
  guesses: { key: string; label: string }[];
  status: 'voting' | 'revealed';
  voters: number;
  votes: Record<string, number> | null;
  result: LessonResult | null;
  outcome: { choice: string | null; sentences: string[] } | null;
  right: number | null;
  own_vote: string | null;
}
