/** A position in a text file. Lines and columns count from 1; `length` is in characters. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
}

/** The place of a character offset (0-based) in `text`. */
export function placeAt(file: string, text: string, offset: number, length?: number): Place {
  let line = 1;
  let start = 0;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) {
    line += 1;
    start = i + 1;
  }
  return length === undefined
    ? { file, line, column: offset - start + 1 }
    : { file, line, column: offset - start + 1, length };
}
