import { type Frame, type Place, problem, UpsqlError } from '../diagnostics/index.js';

/** Text of a template and where it stands in a file; lines and columns count from 1. */
export interface TemplateSource {
  readonly text: string;
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** A line and a column in a template in one number: line * 65536 + column, both from 0. */
export type Position = number;
export const position = (lineno: number, colno: number): Position => lineno * 65536 + Math.min(colno, 65535);

/** The place in the file of a position in the template. */
export function placeOf(source: TemplateSource, at: Position, length?: number): Place {
  const lineno = Math.floor(at / 65536);
  const colno = at % 65536;
  const place = {
    file: source.file,
    line: (source.line ?? 1) + lineno,
    column: lineno === 0 ? (source.column ?? 1) + colno : colno + 1,
  };
  return length === undefined ? place : { ...place, length };
}

/** The text that a place points into, where the template is the whole of it: it need not be the file on disk. */
export function wholeText(source: TemplateSource): { source?: string } {
  return source.line === undefined && source.column === undefined ? { source: source.text } : {};
}

/** What the runtime throws: a Python error without a place, which the compiled template adds. */
export class Fault extends Error {
  /** Python's name of the error's class: `TypeError`, `UndefinedError`, ... */
  readonly kind: string;
  readonly hint: string | undefined;

  constructor(kind: string, message: string, hint?: string) {
    super(message);
    this.kind = kind;
    this.hint = hint;
  }
}

/** Macros that call each other without end would fill the screen. */
const MAX_FRAMES = 30;

/** An error in a template, with its place and the macros that were under way (innermost first). */
export class JinjaError extends UpsqlError {
  readonly code: string;
  /** Jinja2's or Python's name of the error's class. */
  readonly kind: string;
  readonly place: Place | undefined;
  readonly frames: readonly Frame[];
  readonly #frames: { name: string; place?: Place }[];

  constructor(
    kind: string,
    message: string,
    more: { code?: string; place?: Place; hint?: string; cause?: unknown; exitCode?: 1 | 2; source?: string } = {},
  ) {
    const frames: { name: string; place?: Place }[] = [];
    const code = more.code ?? `jinja-${kebab(kind)}`;
    const { place, hint, source } = more;
    super(
      problem(code, message, {
        frames,
        ...(place === undefined ? {} : { place }),
        ...(hint === undefined ? {} : { hint }),
        ...(source === undefined ? {} : { source }),
      }),
      more.exitCode ?? 2,
      more.cause,
    );
    this.name = 'JinjaError';
    this.code = code;
    this.kind = kind;
    this.place = place;
    this.frames = frames;
    this.#frames = frames;
  }

  /** Notes that the error left the macro `name`; where it was called is noted by `calledAt`. */
  leaving(name: string): void {
    if (this.#frames.length < MAX_FRAMES) this.#frames.push({ name });
  }

  /** Gives the outermost frame that has none yet the place of its call. */
  calledAt(place: Place): void {
    const last = this.#frames.at(-1);
    if (last !== undefined && last.place === undefined) last.place = place;
  }
}

function kebab(kind: string): string {
  return kind
    .replace(/^Template/, '')
    .replace(/(?<=.)Error$/, '')
    .replace(/(?<=[a-z])[A-Z]/g, (c) => `-${c}`)
    .toLowerCase();
}
