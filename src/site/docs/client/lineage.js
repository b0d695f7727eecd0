import { h, svg } from './dom.js';
import { linkOf, titleOf } from './project.js';

const BOX = { width: 184, height: 36, across: 64, down: 14 };
const SWEEPS = 6;
const SMALLEST = 860;
/** A box of text is never drawn smaller than this at first; the drawing scrolls instead. */
const LEAST_SCALE = 0.85;
/** The height that a bend of a long edge takes. */
const BEND = 8;
const MOST_BENDS = 4000;
/** Above this a drawing helps nobody: the page says so and offers smaller ones. */
const MOST = 1500;

/** The members of the lineage around some ids, `up` and `down` so many steps away. */
export function neighbourhood(project, ids, up, down) {
  const found = new Set(ids.filter((id) => project.isInLineage(id)));
  for (const [edges, steps] of [
    [project.parents, up],
    [project.children, down],
  ]) {
    let layer = [...ids];
    for (let step = 0; step < steps && layer.length > 0; step++) {
      layer = layer.flatMap((id) => edges(id)).filter((id) => project.isInLineage(id) && !found.has(id));
      for (const id of layer) found.add(id);
    }
  }
  return found;
}

/**
 * Columns by the longest way from the left, rows so that edges cross little. An edge over several columns keeps a place
 * free in each, so that it passes behind no box.
 */
export function layout(project, ids) {
  const within = (list) => list.filter((id) => ids.has(id));
  const parents = new Map([...ids].map((id) => [id, within(project.parents(id))]));
  const children = new Map([...ids].map((id) => [id, within(project.children(id))]));
  const columns = columnsByDepth(ids, parents, children);
  const edges = [...ids].flatMap((id) => children.get(id).map((child) => [id, child]));
  const paths = withBends(columns, edges, parents, children);
  order(columns, parents, children);
  const heightOf = (item) => (ids.has(item) ? BOX.height : BEND) + BOX.down;
  const heights = columns.map((column) => column.reduce((sum, item) => sum + heightOf(item), 0) - BOX.down);
  const height = Math.max(BOX.height, ...heights);
  const places = new Map();
  for (const [x, column] of columns.entries()) {
    let y = (height - heights[x]) / 2;
    for (const item of column) {
      places.set(item, { x: x * (BOX.width + BOX.across), y });
      y += heightOf(item);
    }
  }
  return { places, paths, width: columns.length * (BOX.width + BOX.across) - BOX.across, height };
}

function columnsByDepth(ids, parents, children) {
  const depth = new Map();
  const waiting = new Map([...ids].map((id) => [id, parents.get(id).length]));
  let open = [...ids].filter((id) => waiting.get(id) === 0).sort();
  for (const id of open) depth.set(id, 0);
  const sorted = [];
  while (open.length > 0) {
    const next = [];
    for (const id of open) {
      sorted.push(id);
      for (const child of children.get(id)) {
        depth.set(child, Math.max(depth.get(child) ?? 0, depth.get(id) + 1));
        waiting.set(child, waiting.get(child) - 1);
        if (waiting.get(child) === 0) next.push(child);
      }
    }
    open = next;
  }
  // What nothing needs to come early stands next to what it feeds.
  for (const id of sorted.reverse()) {
    const below = children.get(id).map((child) => depth.get(child));
    if (below.length > 0) depth.set(id, Math.min(...below) - 1);
  }
  const columns = [];
  for (const id of [...ids].sort()) {
    const at = depth.get(id) ?? 0;
    columns[at] = [...(columns[at] ?? []), id];
  }
  return Array.from(columns, (column) => column ?? []);
}

/** Puts a bend of every long edge into the columns on its way; gives the way of each edge. */
function withBends(columns, edges, parents, children) {
  const at = new Map(columns.flatMap((column, x) => column.map((id) => [id, x])));
  const count = edges.reduce((sum, [from, to]) => sum + at.get(to) - at.get(from) - 1, 0);
  if (count > MOST_BENDS) return edges;
  return edges.map(([from, to]) => {
    const path = [from];
    for (let x = at.get(from) + 1; x < at.get(to); x++) {
      const bend = `${from} ${to} ${x}`;
      columns[x].push(bend);
      path.push(bend);
    }
    path.push(to);
    if (path.length > 2) {
      for (const [i, item] of path.entries()) {
        if (i > 0) parents.set(item, [...(parents.get(item) ?? []).filter((id) => id !== from), path[i - 1]]);
        if (i < path.length - 1)
          children.set(item, [...(children.get(item) ?? []).filter((id) => id !== to), path[i + 1]]);
      }
    }
    return path;
  });
}

/** Sorts each column by the middle of what its items hang on, forth and back. */
function order(columns, parents, children) {
  const row = new Map();
  const number = (column) => {
    for (const [i, id] of column.entries()) row.set(id, i - column.length / 2);
  };
  for (const column of columns) number(column);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    const edges = forward ? parents : children;
    for (const column of forward ? columns : [...columns].reverse()) {
      const rows = (id) => (edges.get(id) ?? []).map((other) => row.get(other));
      const pull = new Map(column.map((id) => [id, middle(rows(id), row.get(id))]));
      column.sort((a, b) => pull.get(a) - pull.get(b));
      number(column);
    }
  }
}

const middle = (values, fallback) =>
  values.length === 0 ? fallback : values.reduce((sum, value) => sum + value, 0) / values.length;

/** A drawing that can be dragged and zoomed; `focus` are the ids that it is about. */
export function lineageView(project, ids, focus = new Set()) {
  if (ids.size > MOST) {
    return h(
      'p',
      { class: 'note' },
      `${ids.size} nodes are too many to draw at once: open one of them and look at its own lineage.`,
    );
  }
  const { places, paths, width, height } = layout(project, ids);
  // Small drawings keep the size of their text.
  const wide = Math.max(width + 24, SMALLEST);
  const high = height + 24;
  const lines = paths.map((path) =>
    svg('path', { d: curve(path, places, ids), 'data-from': path[0], 'data-to': path.at(-1) }),
  );
  const boxes = [...ids].map((id) => box(project.all.get(id), places.get(id), focus.has(id)));
  const drawing = svg(
    'svg',
    {
      role: 'img',
      'aria-label': `Lineage of ${ids.size} nodes`,
      viewBox: `${(width - wide) / 2} ${(height - high) / 2} ${wide} ${high}`,
    },
    svg('g', { class: 'edges' }, lines),
    boxes,
  );
  drawing.style.aspectRatio = `${wide} / ${high}`;
  drawing.style.width = `max(100%, ${Math.round(wide * LEAST_SCALE)}px)`;
  highlight(drawing, lines, boxes);
  const scroller = h('div', { class: 'scroller', tabindex: '0' }, drawing);
  const frame = h('div', { class: 'lineage' }, scroller, controls(scroller, drawing, wide));
  // Once it is on the page: the node that it is about comes into sight.
  requestAnimationFrame(() =>
    centre(
      scroller,
      boxes.find((element) => element.classList.contains('focus')),
    ),
  );
  return frame;
}

function centre(scroller, element) {
  if (element === undefined) return;
  const [at, within] = [element.getBoundingClientRect(), scroller.getBoundingClientRect()];
  scroller.scrollLeft += at.left + at.width / 2 - within.left - within.width / 2;
  scroller.scrollTop += at.top + at.height / 2 - within.top - within.height / 2;
}

/** A curve through the places of a path: level at boxes and bends. */
function curve(path, places, ids) {
  const [first, ...rest] = path.map((item, i) => {
    const { x, y } = places.get(item);
    const isBox = ids.has(item);
    return { in: x, out: i === 0 || !isBox ? x + BOX.width : x, y: y + (isBox ? BOX.height : BEND) / 2 };
  });
  let d = `M${first.out} ${first.y}`;
  let before = first;
  for (const point of rest) {
    const half = (point.in - before.out) / 2;
    d += `C${before.out + half} ${before.y} ${point.in - half} ${point.y} ${point.in} ${point.y}`;
    if (point.out > point.in) d += `H${point.out}`;
    before = point;
  }
  return d;
}

/** A long name is squeezed a little, so that it ends inside of its box; the focus is in bold letters, which are wider. */
function fitted(text, isBold) {
  const room = BOX.width - 36;
  return text.length * (isBold ? 8 : 6.6) > room ? { textLength: room, lengthAdjust: 'spacingAndGlyphs' } : {};
}

function box(node, { x, y }, isFocus) {
  const title = titleOf(node);
  const shown = title.length > 24 ? `${title.slice(0, 23)}…` : title;
  return svg(
    'a',
    {
      href: linkOf(node),
      class: `box ${node.resource_type}${isFocus ? ' focus' : ''}`,
      'data-id': node.unique_id,
      transform: `translate(${x} ${y})`,
    },
    svg('title', {}, `${node.resource_type.replaceAll('_', ' ')} ${title}`),
    svg('rect', { class: 'back', width: BOX.width, height: BOX.height, rx: 8 }),
    svg('rect', { class: 'mark', x: 10, y: BOX.height / 2 - 4, width: 8, height: 8, rx: 2 }),
    svg('text', { x: 26, y: BOX.height / 2 + 4.5, ...fitted(shown, isFocus) }, shown),
  );
}

/** Shows what a node reads and what reads it while the pointer is on it. */
function highlight(drawing, lines, boxes) {
  for (const box of boxes) {
    const id = box.getAttribute('data-id');
    const near = new Set([id]);
    const mine = lines.filter((line) => {
      const [from, to] = [line.getAttribute('data-from'), line.getAttribute('data-to')];
      if (from !== id && to !== id) return false;
      near.add(from).add(to);
      return true;
    });
    const set = (on) => {
      drawing.classList.toggle('dimmed', on);
      for (const line of mine) line.classList.toggle('near', on);
      for (const other of boxes) if (near.has(other.getAttribute('data-id'))) other.classList.toggle('near', on);
    };
    for (const [name, on] of [
      ['pointerenter', true],
      ['pointerleave', false],
      ['focus', true],
      ['blur', false],
    ]) {
      box.addEventListener(name, () => set(on));
    }
  }
}

/** Zooming by buttons, and by the wheel with Ctrl; dragging scrolls. */
function controls(scroller, drawing, wide) {
  const zoom = (factor) => {
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = scroller;
    const now = drawing.getBoundingClientRect().width;
    const next = Math.min(wide * 2.5, Math.max(160, now * factor));
    const scale = next / now;
    drawing.style.width = `${next}px`;
    scroller.scrollLeft = (scrollLeft + clientWidth / 2) * scale - clientWidth / 2;
    scroller.scrollTop = (scrollTop + clientHeight / 2) * scale - clientHeight / 2;
  };
  scroller.addEventListener(
    'wheel',
    (event) => {
      // A plain wheel scrolls.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1 / 1.15 : 1.15);
    },
    { passive: false },
  );
  let held = null;
  let moved = false;
  scroller.addEventListener('pointerdown', (event) => {
    // Fingers scroll by themselves.
    held = event.pointerType === 'mouse' ? { x: event.clientX, y: event.clientY } : null;
    moved = false;
  });
  scroller.addEventListener('pointermove', (event) => {
    if (held === null || event.buttons === 0) return;
    const [x, y] = [event.clientX - held.x, event.clientY - held.y];
    if (!moved && Math.hypot(x, y) < 5) return;
    if (!moved) scroller.setPointerCapture(event.pointerId);
    moved = true;
    scroller.scrollLeft -= x;
    scroller.scrollTop -= y;
    held = { x: event.clientX, y: event.clientY };
  });
  scroller.addEventListener('pointerup', () => {
    held = null;
  });
  scroller.addEventListener('dragstart', (event) => event.preventDefault());
  // A drag that ends on a box is no click on it.
  scroller.addEventListener('click', (event) => moved && event.preventDefault(), true);
  const button = (label, title, action) =>
    h('button', { type: 'button', title, 'aria-label': title, onclick: action }, label);
  return h(
    'div',
    { class: 'zoom' },
    button('+', 'Zoom in', () => zoom(1.3)),
    button('−', 'Zoom out', () => zoom(1 / 1.3)),
    button('⤢', 'Show all', () => {
      const ratio = drawing.getBoundingClientRect().width / drawing.getBoundingClientRect().height;
      const height = Math.min(innerHeight * 0.75, scroller.clientWidth / ratio);
      drawing.style.width = `${Math.min(scroller.clientWidth, height * ratio)}px`;
    }),
  );
}
