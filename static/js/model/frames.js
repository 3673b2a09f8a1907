/** The body of `GET …/frames` → the messages in it: frames as a websocket carries them (RFC 6455, section 5.2), whole and unmasked. */

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** @typedef {{ text: string } | { bytes: ArrayBuffer } | { code: number }} Message a close code comes last */

/** What is cut off in the middle of a frame is left out. @param {ArrayBuffer} body @returns {Message[]} */
export function unframe(body) {
  const view = new DataView(body);
  const found = [];
  for (let at = 0; at + 2 <= body.byteLength;) {
    const opcode = view.getUint8(at) & 0x0f;
    const short = view.getUint8(at + 1);
    const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2);
    if (start > body.byteLength) break;
    const length = short === 126 ? view.getUint16(at + 2) : short === 127 ? Number(view.getBigUint64(at + 2)) : short;
    at = start + length;
    if (at > body.byteLength) break;
    if (opcode === TEXT) found.push({ text: new TextDecoder().decode(body.slice(start, at)) });
    else if (opcode === BINARY) found.push({ bytes: body.slice(start, at) });
    else if (opcode === CLOSE) found.push({ code: view.getUint16(start) });
  }
  return found;
}
