import { readFileSync, statSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { type Diagnostic, excerpt, type Place } from '../../diagnostics/index.js';
import { maskProfiles } from './secrets.js';
import type { Style } from './style.js';
import { printable } from './width.js';

export interface DiagnosticOptions {
  readonly style: Style;
  /** Paths are shown from here. */
  readonly cwd: string;
  /** Where relative paths of places start: the project's folder. Default: `cwd`. */
  readonly root?: string;
  /** Cells of a line of the excerpt; longer lines are shown around the caret. */
  readonly width?: number;
  /** Show stacks of internal errors. */
  readonly debug?: boolean;
}

const LARGEST_FILE = 4 * 1024 * 1024;

/**
 * A diagnostic as text of several lines: `error[code]: message`, the place with its lines and a caret, the macros it
 * came through, and the hint.
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: DiagnosticOptions): string {
  const { style } = options;
  const paint = diagnostic.severity === 'error' ? style.red : style.yellow;
  const head = paint(style.bold(`${diagnostic.severity}[${diagnostic.code}]`));
  const lines = [`${head}: ${style.bold(printable(diagnostic.message))}`];
  // An internal error's source is its stack.
  const isInternal = diagnostic.code === 'internal-error';
  if (diagnostic.place !== undefined) {
    lines.push(`  ${style.blue('-->')} ${formatPlace(diagnostic.place, options)}`);
    const shown = formatExcerpt(diagnostic.place, isInternal ? undefined : diagnostic.source, options);
    if (shown !== undefined) lines.push(shown);
  }
  for (const frame of diagnostic.frames ?? []) {
    const where = frame.place === undefined ? '' : ` (${formatPlace(frame.place, options)})`;
    lines.push(`  ${style.dim('in')} ${printable(frame.name)}${where}`);
  }
  if (diagnostic.hint !== undefined) lines.push(`  ${style.cyan('hint')}: ${printable(diagnostic.hint)}`);
  if (isInternal && options.debug && diagnostic.source !== undefined) lines.push(style.dim(diagnostic.source));
  return lines.join('\n');
}

/** `models/a.sql:3:14`, from the current folder when the file is inside it. */
export function formatPlace(place: Place, options: Pick<DiagnosticOptions, 'cwd' | 'root'>): string {
  const path = absolute(place.file, options);
  const near = relative(options.cwd, path);
  const file = near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
  return `${printable(place.file.startsWith('<') ? place.file : file)}:${place.line}:${place.column}`;
}

function absolute(file: string, options: Pick<DiagnosticOptions, 'cwd' | 'root'>): string {
  return isAbsolute(file) ? file : resolve(options.root ?? options.cwd, file);
}

function formatExcerpt(place: Place, source: string | undefined, options: DiagnosticOptions): string | undefined {
  const text = source ?? readText(absolute(place.file, options));
  if (text === undefined || text === '') return undefined;
  const shown = basename(place.file) === 'profiles.yml' ? maskProfiles(text) : text;
  const { text: cut, place: moved } = crop(shown, place, options.width ?? 100);
  return printable(excerpt(cut, moved))
    .split('\n')
    .map((line) => (/^ *\| +\^+$/.test(line) ? line.replace(/\^+$/, options.style.red) : line))
    .map((line) => (line.startsWith('>') ? options.style.red('>') + line.slice(1) : line))
    .join('\n');
}

/** Keeps the caret in sight on long lines by leaving out what stands far to its left and right. */
function crop(text: string, place: Place, width: number): { text: string; place: Place } {
  const lines = text.split(/\r?\n/);
  const from = Math.max(0, place.line - 4);
  const near = lines.slice(from, place.line + 2);
  if (near.every((line) => line.length <= width)) return { text, place };
  const start = Math.max(
    0,
    Math.min(place.column - 1 - Math.floor(width / 2), (lines[place.line - 1]?.length ?? 0) - width),
  );
  for (let n = from; n < Math.min(lines.length, place.line + 2); n++) {
    const line = lines[n] ?? '';
    const left = start > 0 && line.length > 0 ? `…${line.slice(start + 1, start + width)}` : line.slice(0, width);
    lines[n] = line.length > start + width ? `${left}…` : left;
  }
  const length = place.length === undefined ? {} : { length: Math.min(place.length, width) };
  return { text: lines.join('\n'), place: { ...place, column: Math.max(1, place.column - start), ...length } };
}

function readText(file: string): string | undefined {
  try {
    return statSync(file).size > LARGEST_FILE ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
