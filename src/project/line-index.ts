import type { Place } from '../diagnostics/index.js';

/** Line starts of a text, made at the first question. */
export class LineIndex {
  readonly #text: string;
  readonly #file: string;
  #starts: number[] | undefined;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  place(range: readonly [number, number, number]): Place {
    const [offset, end] = range;
    this.#starts ??= lineStarts(this.#text);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#starts[low] ?? 0;
    const lineEnd = this.#starts[low + 1] ?? this.#text.length + 1;
    const length = Math.max(1, Math.min(end, lineEnd - 1) - offset);
    return { file: this.#file, line: low + 1, column: offset - start + 1, length };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}
