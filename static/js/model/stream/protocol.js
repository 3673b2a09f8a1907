/**
 * The binary half of docs/protocol.md: bytes of one websocket message → blocks of rows.
 * Knows nothing of sockets or of what the rows are for.
 */

/** The number of test digits whose answers are in every evaluation. */
export const WALL = 100;

/** At most so many weights are followed by name. */
export const EXAMPLES = 4;

const VERSION = 1;
const HEADER_BYTES = 12;

/** @type {Record<number, { kind: Block['kind'], columns: string[] }>} */
const KINDS = {
  1: { kind: 'frame', columns: ['loss', 'accuracy', 'seconds'] },
  2: {
    kind: 'evaluations',
    columns: ['step', 'seconds', 'test_accuracy', 'test_loss', 'train_accuracy', 'train_loss', 'quick'],
  },
  3: { kind: 'pushes', columns: ['step'] },
};
for (let digit = 0; digit < WALL; digit += 1) KINDS[2].columns.push(`wall_${digit}`);
for (let bin = 0; bin < 20; bin += 1) KINDS[3].columns.push(`q25_${bin}`, `q50_${bin}`, `q75_${bin}`);
KINDS[3].columns.push('slope', 'decades');
for (let i = 0; i < EXAMPLES; i += 1) KINDS[3].columns.push(`weight_${i}`, `gradient_${i}`, `change_${i}`);

export const FRAME_COLUMNS = KINDS[1].columns;
export const EVALUATION_COLUMNS = KINDS[2].columns;
export const PUSH_COLUMNS = KINDS[3].columns;

/** The bytes are not what docs/protocol.md says. */
export class ProtocolError extends Error {}

/**
 * The columns are views of the buffer; copy them to keep them.
 * @param {ArrayBuffer} buffer
 * @returns {Block[]}
 */
export function decode(buffer) {
  const view = new DataView(buffer);
  const blocks = [];
  let offset = 0;
  while (offset < buffer.byteLength) {
    if (buffer.byteLength - offset < HEADER_BYTES) {
      throw new ProtocolError(`Expected a header of ${HEADER_BYTES} bytes, got ${buffer.byteLength - offset}.`);
    }
    const version = view.getUint8(offset);
    if (version !== VERSION) throw new ProtocolError(`Expected version ${VERSION}, got ${version}.`);
    const number = view.getUint8(offset + 1);
    const known = KINDS[number];
    if (!known) throw new ProtocolError(`Expected a block of kind 1, 2 or 3, got ${number}.`);
    const width = view.getUint8(offset + 3);
    if (width !== known.columns.length) {
      throw new ProtocolError(`Expected ${known.columns.length} columns in a block of kind ${number}, got ${width}.`);
    }
    const rows = view.getUint32(offset + 8, true);
    const end = offset + HEADER_BYTES + rows * width * 4;
    if (end > buffer.byteLength) {
      throw new ProtocolError(`Expected a block of ${end - offset} bytes, got ${buffer.byteLength - offset}.`);
    }
    /** @type {Record<string, Float32Array>} */
    const columns = {};
    known.columns.forEach((name, i) => {
      columns[name] = new Float32Array(buffer, offset + HEADER_BYTES + i * rows * 4, rows);
    });
    blocks.push({
      kind: known.kind,
      lane: view.getUint8(offset + 2),
      first: view.getUint32(offset + 4, true),
      rows,
      columns,
    });
    offset = end;
  }
  return blocks;
}
