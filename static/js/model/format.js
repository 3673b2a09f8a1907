/** Numbers as the page writes them: one way each, so that columns line up and sentences agree with tables. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const inWords = new Intl.ListFormat('en-GB');
const NARROW_SPACE = '\u202f';
/** From here on a time is written in hours. */
const LONG_S = 90 * 60;

/** @param {number} value */
export function count(value) {
  return grouped.format(value);
}

/**
 * A speed, with no more digits than can be read while it changes.
 * @param {number} perSecond
 */
export function rate(perSecond) {
  if (perSecond >= 100) return count(Math.round(perSecond / 10) * 10);
  return perSecond >= 10 ? count(perSecond) : perSecond.toFixed(1);
}

/**
 * A share of one as a percentage, "96.60 %".
 * @param {number} share
 * @param {number} [digits]
 */
export function percent(share, digits = 2) {
  return `${(share * 100).toFixed(digits)}${NARROW_SPACE}%`;
}

/** A chosen share as it was chosen, "95 %" or "99.5 %". @param {number} share */
export function target(share) {
  return `${Number((share * 100).toFixed(4))}${NARROW_SPACE}%`;
}

/** A difference of shares in percentage points, without its sign, "2.3 points". @param {number} difference */
export function points(difference) {
  const size = Math.abs(difference) * 100;
  if (size < 0.005) return size > 0 ? 'less than 0.01 points' : '0 points';
  const text = size.toFixed(size < 0.1 ? 2 : 1);
  return `${text} ${Number(text) === 1 ? 'point' : 'points'}`;
}

/** @param {number} value */
export function loss(value) {
  if (!Number.isFinite(value)) return 'not finite';
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1);
  // What would be rounded to five digits before the point.
  if (Math.abs(value) >= 9999.5) return value.toExponential(2);
  return Math.abs(value) < 1 ? value.toFixed(4) : value.toPrecision(4);
}

/** A time that was measured. @param {number} value */
export function seconds(value) {
  if (value < LONG_S) return value < 99.95 ? moment(value, value < 0.995 ? 2 : 1) : moment(Math.round(value), 0);
  const minutes = Math.round(value / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A moment of a race, to so many digits of a second. @param {number} value @param {number} digits */
export function moment(value, digits) {
  if (value < 100) return `${value.toFixed(digits)}${NARROW_SPACE}s`;
  const rest = (value % 60).toFixed(digits);
  return `${Math.floor(value / 60)} min ${rest.padStart(digits > 0 ? digits + 3 : 2, '0')}${NARROW_SPACE}s`;
}

/**
 * A day as people call it: today, yesterday, 12 March, 12 March 2025.
 * @param {Date} day
 * @param {Date} now
 */
export function dayOf(day, now) {
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day.toDateString() === now.toDateString()) return 'today';
  if (day.toDateString() === before.toDateString()) return 'yesterday';
  return day.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(day.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  });
}

/** An estimate, no finer than it is. @param {number} s */
export function about(s) {
  if (s < 10) return 'a few seconds';
  if (s < 118) return `about ${Math.round(s / 5) * 5}${NARROW_SPACE}s`;
  if (s < LONG_S) return `about ${Math.round(s / 60)} min`;
  return s < 48 * 3600 ? `about ${Math.round(s / 1800) / 2} hours` : `about ${Math.round(s / 86400)} days`;
}

/**
 * A tick of an axis: short, and the same for the same value.
 * @param {number} value
 * @param {number} [step] to its neighbour, which must read otherwise
 */
export function tick(value, step = value) {
  const digits = Math.max(3, 1 + Math.ceil(Math.log10(Math.abs(value / step) || 1)));
  const short = (/** @type {number} */ number) => String(Number(number.toPrecision(digits)));
  if (value >= 1e6) return `${short(value / 1e6)}M`;
  if (value >= 1e4) return `${short(value / 1e3)}k`;
  if (value !== 0 && value < 1e-3) return value.toExponential(0);
  return short(value);
}

/**
 * @param {number} position
 */
export function ordinal(position) {
  const tens = position % 100;
  const suffix = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][position % 10] ?? 'th');
  return `${position}${suffix}`;
}

/** A digit with its article, "a 7" or "an 8". @param {number} digit */
export function aDigit(digit) {
  return `${digit === 8 ? 'an' : 'a'} ${digit}`;
}

/** "a", "a and b", "a, b and c". @param {string[]} names */
export function list(names) {
  return inWords.format(names);
}

/** @param {number | null} pace */
export function paceText(pace) {
  return pace === null ? 'Full speed' : `${pace} ${pace === 1 ? 'batch' : 'batches'}/s`;
}
