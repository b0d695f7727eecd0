/** Where the boxes and lines of a picture of lineage go. Lengths are pixels. */
import { type ColumnId, columnKey } from './column.js';
import type { ColumnEdge } from './walk.js';

export const ROW = 22;
export const HEAD = 30;
const BOX_GAP = 18;
const LAYER_GAP = 110;
/** Of the font of the boxes, at 12.5 px. */
const CHARACTER = 7.6;

export interface Box {
  readonly relation: string;
  readonly label: string;
  readonly columns: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly edge: ColumnEdge;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

/** Boxes in layers from left to right, each right of all it comes from; inside a layer near to what they come from. */
export function layOut(
  edges: readonly ColumnEdge[],
  alone: readonly ColumnId[],
  label: (relation: string) => string,
): Layout {
  const columns = new Map<string, Map<string, string>>();
  const parents = new Map<string, Set<string>>();
  const add = ({ relation, column }: ColumnId): void => {
    if (!columns.has(relation)) columns.set(relation, new Map());
    columns.get(relation)?.set(column.toLowerCase(), column);
    if (!parents.has(relation)) parents.set(relation, new Set());
  };
  for (const { from, to } of edges) {
    add(from);
    add(to);
    if (from.relation !== to.relation) parents.get(to.relation)?.add(from.relation);
  }
  alone.forEach(add);
  const layers = layersOf(parents);
  const boxes: Box[] = [];
  const middle = new Map<string, number>();
  let x = 0;
  let tallest = 0;
  for (const layer of layers) {
    const near = (relation: string): number => {
      const heights = [...(parents.get(relation) ?? [])].map((parent) => middle.get(parent) ?? 0);
      return heights.reduce((sum, height) => sum + height, 0) / Math.max(1, heights.length);
    };
    const order = layer.map((relation) => ({ relation, at: near(relation) })).sort((a, b) => a.at - b.at);
    let y = 0;
    let widest = 0;
    for (const { relation } of order) {
      const names = [...(columns.get(relation)?.values() ?? [])];
      const text = label(relation);
      const longest = Math.max(text.length + 1, ...names.map((name) => name.length + 3));
      const width = Math.round(Math.max(120, longest * CHARACTER + 24));
      const height = HEAD + names.length * ROW + 6;
      boxes.push({ relation, label: text, columns: names, x, y, width, height });
      middle.set(relation, y + height / 2);
      y += height + BOX_GAP;
      widest = Math.max(widest, width);
    }
    tallest = Math.max(tallest, y - BOX_GAP);
    x += widest + LAYER_GAP;
  }
  return { boxes, lines: linesOf(edges, boxes), width: Math.max(0, x - LAYER_GAP), height: tallest };
}

/** Relations by the longest way to them. Edges that go round in a circle are not followed twice. */
function layersOf(parents: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly string[])[] {
  const depth = new Map<string, number>();
  const depthOf = (relation: string): number => {
    const known = depth.get(relation);
    if (known !== undefined) return known;
    depth.set(relation, 0);
    const deepest = Math.max(-1, ...[...(parents.get(relation) ?? [])].map(depthOf));
    depth.set(relation, deepest + 1);
    return deepest + 1;
  };
  for (const relation of parents.keys()) depthOf(relation);
  const nearest = new Map<string, number>();
  for (const [relation, list] of parents)
    for (const parent of list) nearest.set(parent, Math.min(nearest.get(parent) ?? Infinity, depth.get(relation) ?? 0));
  const layers: string[][] = [];
  for (const [relation, list] of parents) {
    // What comes from nothing stands beside what reads it first, so that its lines are short.
    const at = list.size === 0 ? Math.max(0, (nearest.get(relation) ?? 1) - 1) : (depth.get(relation) ?? 0);
    while (layers.length <= at) layers.push([]);
    layers[at]?.push(relation);
  }
  return layers;
}

function linesOf(edges: readonly ColumnEdge[], boxes: readonly Box[]): Line[] {
  const places = new Map<string, { readonly left: number; readonly right: number; readonly y: number }>();
  for (const box of boxes) {
    box.columns.forEach((column, i) => {
      const y = box.y + HEAD + i * ROW + ROW / 2;
      places.set(columnKey({ relation: box.relation, column }), { left: box.x, right: box.x + box.width, y });
    });
  }
  return edges.flatMap((edge) => {
    const from = places.get(columnKey(edge.from));
    const to = places.get(columnKey(edge.to));
    return from === undefined || to === undefined ? [] : [{ edge, x1: from.right, y1: from.y, x2: to.left, y2: to.y }];
  });
}
