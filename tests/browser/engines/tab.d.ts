/** One page in a browser, whichever: what the smoke test needs of it. Lengths in CSS pixels. */
export interface Tab {
  goto(address: string): Promise<void>;
  /** Widths that its window can have, the last one for everything else. */
  widths: number[];
  resize(width: number): Promise<void>;
  /** What a script in the page answers; it may be a promise. */
  run(script: string): Promise<any>;
  /** Presses and releases a key, as KeyboardEvent.key has it. */
  press(key: string): Promise<void>;
  /** What it calls the key Escape. */
  escape: string;
  /** The first point presses, the last one releases. */
  drag(points: [number, number][]): Promise<void>;
  /** What the browser has written on its console as an error or a warning. */
  complaints(): string[];
  /** Ends the browser and all that was started for it. */
  close(): Promise<void>;
}
