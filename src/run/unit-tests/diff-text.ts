/** A unit test's diff as text, in the form that dbt's results have: a line a row, marked in its first column. */
import type { UnitCell } from '../../parse/runtime.js';
import { type ComparedRow, sameCell, type UnitTestDiff } from './compare.js';

/** How the parts of a diff are coloured. */
export interface DiffPaint {
  readonly head: (text: string) => string;
  readonly missing: (text: string) => string;
  readonly extra: (text: string) => string;
  readonly mark: (text: string) => string;
}

export interface DiffTextOptions {
  readonly paint?: DiffPaint;
  /** `csv` as dbt writes it; `table` for people: bars between the columns. Default `csv`. */
  readonly form?: 'csv' | 'table';
  /** What of a value's text is shown; default: all. */
  readonly show?: (text: string) => string;
  /** Cells that a text takes; default: its characters. */
  readonly measure?: (text: string) => number;
  /** Rows that are shown at most; default: all. */
  readonly maxRows?: number;
}

const plain = (text: string): string => text;
const lengthOf = (text: string): number => [...text].length;
const PLAIN: DiffPaint = { head: plain, missing: plain, extra: plain, mark: plain };

/** Equal rows are shown this far around those that differ. */
const CONTEXT = 1;
const ARROW = '→';

/** A piece of a cell and its colour. */
type Piece = readonly [text: string, paint: keyof DiffPaint | null];
type Cells = readonly (readonly Piece[])[];

const GAP: readonly Piece[] = [['...', null]];

const cellText = (cell: UnitCell | undefined): string => {
  const text = cell?.text;
  if (text === undefined) return 'NULL';
  // A text that reads like the sign for null is told apart from it.
  return /^_*NULL$/.test(text) ? `_${text}` : text;
};

function cellsOf(row: ComparedRow): Cells {
  switch (row.kind) {
    case 'same':
      return [[['', null]], ...row.row.map((cell): Piece[] => [[cellText(cell), null]])];
    case 'missing':
    case 'extra': {
      const paint = row.kind === 'missing' ? 'missing' : 'extra';
      const mark = paint === 'missing' ? '---' : '+++';
      return [[[mark, paint]], ...row.row.map((cell): Piece[] => [[cellText(cell), paint]])];
    }
    case 'changed':
      return [
        [[ARROW, 'mark']],
        ...row.expected.map((cell, i): Piece[] => {
          const other = row.actual[i] ?? null;
          if (sameCell(cell, other)) return [[cellText(cell), null]];
          return [
            [cellText(cell), 'missing'],
            [ARROW, 'mark'],
            [cellText(other), 'extra'],
          ];
        }),
      ];
  }
}

/** The rows to show, with `null` for a gap. */
function shownRows(rows: readonly ComparedRow[]): (ComparedRow | null)[] {
  const near = rows.map((_, i) => rows.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some((r) => r.kind !== 'same'));
  const out: (ComparedRow | null)[] = [];
  for (const [i, row] of rows.entries()) {
    if (near[i]) out.push(row);
    else if (out.length === 0 || out.at(-1) !== null) out.push(null);
  }
  return out;
}

/** Equal columns are hidden only where there are more than this. */
const WIDE = 8;

/** Which columns to show: where rows only changed, those that did and the ones beside them; null stands for a gap. */
function shownColumns({ columns, rows, missing, extra }: UnitTestDiff): (number | null)[] {
  const all = columns.map((_, c) => c);
  if (missing > 0 || extra > 0 || columns.length <= WIDE) return all;
  const changed = new Set<number>();
  for (const row of rows) {
    if (row.kind !== 'changed') continue;
    for (const c of all) if (!sameCell(row.expected[c], row.actual[c])) changed.add(c);
  }
  const near = (c: number) => [c - CONTEXT, c, c + CONTEXT].some((other) => changed.has(other));
  const out: (number | null)[] = [];
  for (const c of all) {
    if (near(c)) out.push(c);
    else if (out.at(-1) !== null) out.push(null);
  }
  return out;
}

/** Texts with a comma, a quote or a line break are quoted, as in CSV. */
function quoted(pieces: readonly Piece[]): readonly Piece[] {
  if (!pieces.some(([text]) => /[",\r\n]/.test(text))) return pieces;
  return [['"', null], ...pieces.map(([text, paint]): Piece => [text.replaceAll('"', '""'), paint]), ['"', null]];
}

/** The lines of a diff: a header with the columns, then `+++` extra, `---` missing, `→` changed and unmarked equal rows. */
export function diffLines(diff: UnitTestDiff, options: DiffTextOptions = {}): string[] {
  const { paint = PLAIN, show = plain, measure = lengthOf, maxRows = Number.POSITIVE_INFINITY } = options;
  const isTable = options.form === 'table';
  const written = (pieces: readonly Piece[]): readonly Piece[] => {
    const shown = pieces.map(([text, paint]): Piece => [show(text), paint]);
    return isTable ? shown : quoted(shown);
  };
  const widthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, [text]) => sum + measure(text), 0);
  const shown = shownRows(diff.rows);
  const kept = shown.length > maxRows ? shown.slice(0, maxRows) : shown;
  const all: Cells = [[['@@', 'head']], ...diff.columns.map((name): Piece[] => [[name, 'head']])];
  const picked = shownColumns(diff);
  const pick = (cells: Cells): Cells => [
    cells[0] ?? [],
    ...picked.map((c) => (c === null ? GAP : (cells[c + 1] ?? []))),
  ];
  const header = pick(all);
  const gap: Cells = header.map(() => GAP);
  const lines = [header, ...kept.map((row) => (row === null ? gap : pick(cellsOf(row))))].map((cells) =>
    cells.map(written),
  );
  const widths = header.map((_, c) => lines.reduce((most, cells) => Math.max(most, widthOf(cells[c] ?? [])), 0));
  const texts = lines.map((cells) =>
    cells
      .map((pieces, c) => {
        const text = pieces.map(([part, colour]) => (colour === null ? part : paint[colour](part))).join('');
        const fill = c === cells.length - 1 ? 0 : (widths[c] ?? 0) - widthOf(pieces);
        return text + ' '.repeat(fill);
      })
      .join(isTable ? ' | ' : ','),
  );
  const left = shown.length - kept.length;
  return left === 0 ? texts : [...texts, `… ${left} more row${left === 1 ? '' : 's'}`];
}

/** The message of a failed unit test as dbt writes it into run_results.json. */
export function diffMessage(diff: UnitTestDiff): string {
  const table = diffLines(diff)
    .map((line) => `${line}\r\n`)
    .join('');
  return `\n\nactual differs from expected:\n\n${table}\n`;
}
