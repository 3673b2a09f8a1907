/** What the server tells the page that visitors can choose; tests/test_config.py holds the file to the server's own table. */

import { readFileSync } from 'node:fs';

/** @type {Limits & { config: Config }} */
export const limits = JSON.parse(readFileSync(new URL('../fixtures/choices.json', import.meta.url), 'utf8'));
