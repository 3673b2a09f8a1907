"""Whether what stands on the page has its room: what is cut, and what lies on something else, by geometry."""

from playwright.sync_api import Frame, Page

# Plots and pictures of digits alone: neither the cards around them nor what is written beside them.
SHARE = """() => {
  let pixels = 0;
  for (const node of document.querySelectorAll('.stage .plot, .wall canvas')) {
    const { top, right, bottom, left } = node.getBoundingClientRect();
    pixels += Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, 0)) * (Math.min(right, innerWidth) - left);
  }
  return pixels / (innerWidth * innerHeight);
}"""

# Of all words on show, as a share of the window's height; those drawn on charts have the size of `--axis`.
SMALLEST_TYPE = """() => {
  const shown = [...document.querySelectorAll('body *')].filter((node) =>
    node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && node.getClientRects().length > 0 &&
    !node.closest('.unseen, .skip, [popover]') &&
    [...node.childNodes].some((each) => each.nodeType === 3 && each.textContent.trim()));
  const sizes = shown.map((node) => parseFloat(getComputedStyle(node).fontSize)).filter((size) => size > 0);
  return Math.min(parseFloat(getComputedStyle(document.body).getPropertyValue('--axis')), ...sizes) / innerHeight;
}"""

# A piece is a line of words, a control or a picture that is on show. Of what clips, words that lie outside as a whole
# are out of sight on purpose; those that are inside in part are cut.
MISFITS = """() => {
  const above = function* (node) { for (let each = node; each; each = each.parentElement) yield each; };
  const styles = new Map();
  const style = node => styles.get(node) ?? styles.set(node, getComputedStyle(node)).get(node);
  const called = node => `${node.tagName.toLowerCase()}.${node.className} ${node.textContent.trim().slice(0, 40)}`;
  const unseen = node => !node.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    || node.closest('dialog, [popover], noscript, .skip, select, option')
    || [...above(node)].some(each => style(each).clipPath !== 'none');
  const clips = node => style(node).overflow !== 'visible' || style(node).contain.includes('paint');

  const boxesOf = node => {
    const words = [...node.childNodes].filter(each => each.nodeType === 3 && each.textContent.trim());
    const boxes = words.flatMap(text => {
      const range = document.createRange();
      range.selectNodeContents(text);
      return [...range.getClientRects()].filter(({ width }) => width > 1);
    });
    const whole = node.matches('button, select, input, .wall canvas');
    return whole ? [...boxes, node.getBoundingClientRect()] : boxes;
  };

  const roomOf = node => {
    const room = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    for (const each of above(node.parentElement)) {
      if (!clips(each) || each === document.body || each === document.documentElement) continue;
      const { left, right, top, bottom } = each.getBoundingClientRect();
      room.left = Math.max(room.left, left);
      room.right = Math.min(room.right, right);
      room.top = Math.max(room.top, top);
      room.bottom = Math.min(room.bottom, bottom);
    }
    return room;
  };
  const down = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);

  const [pieces, cut, overlaps] = [[], [], []];
  for (const node of document.querySelectorAll('body *')) {
    if (unseen(node)) continue;
    const room = roomOf(node);
    for (const box of boxesOf(node)) {
      if (across(box, room) <= 0 || down(box, room) <= 0) continue;
      // Type has some air above and below.
      if (across(box, room) < box.width - 1.5 || down(box, room) < box.height - 4) cut.push(called(node));
      pieces.push({ node, box });
    }
  }
  pieces.forEach(({ node, box }, i) => {
    for (const { node: other, box: its } of pieces.slice(i + 1)) {
      if (node.contains(other) || other.contains(node) || other.parentElement === node.closest('.entry')) continue;
      if (across(box, its) > 1 && down(box, its) > 5) overlaps.push(`${called(node)} on ${called(other)}`);
    }
  });
  return { cut, overlaps };
}"""


def misfits(page: Page | Frame) -> dict[str, list[str]]:
    """What is cut by the window or by what it stands in, and which texts and controls lie on each other."""
    return {kind: found for kind, found in page.evaluate(MISFITS).items() if found}
