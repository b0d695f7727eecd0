import type { Place } from './place.js';

/**
 * The lines around a place with a caret under it, each line numbered; `context` lines above and one below.
 * Tabs are shown as single spaces so that the caret stays under its character.
 */
export function excerpt(text: string, place: Place, context = 2): string {
  const lines = text.split(/\r?\n/);
  const last = Math.min(lines.length, place.line + 1);
  const first = Math.max(1, place.line - context);
  const width = String(last).length;
  const out: string[] = [];
  for (let n = first; n <= last; n++) {
    const shown = (lines[n - 1] ?? '').replaceAll('\t', ' ');
    out.push(`${n === place.line ? '>' : ' '} ${String(n).padStart(width)} | ${shown}`.trimEnd());
    if (n === place.line) {
      const room = Math.max(1, shown.length - place.column + 1);
      const carets = '^'.repeat(Math.max(1, Math.min(place.length ?? 1, room)));
      out.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, place.column - 1))}${carets}`);
    }
  }
  return out.join('\n');
}
