// The results as a Markdown table, and putting it between two markers of another file.

export const START = '<!-- bench:start -->';
export const END = '<!-- bench:end -->';

export function secondsText(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 0.1) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 10 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
}

export function megabytesText(megabytes) {
  return megabytes === null || megabytes === undefined ? '–' : `${Math.round(megabytes)} MB`;
}

/** How many times the second is of the first, with two digits that count. */
export function ratioText(ours, theirs) {
  if (!ours || !theirs) return '–';
  const ratio = theirs / ours;
  return `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)}×`;
}

const HEADINGS = [
  'what',
  'upsql',
  'dbt-core',
  'dbt / upsql',
  'floor',
  'upsql / floor',
  'CPU: upsql',
  'dbt-core',
  'memory: upsql',
  'dbt-core',
];

/** Rows of `{ what, ours, dbt?, floor? }`, each a measurement with `seconds` and `megabytes`. */
export function tableOf(rows) {
  const cells = rows.map(({ what, ours, dbt, floor }) => [
    what,
    secondsText(ours?.seconds),
    secondsText(dbt?.seconds),
    ratioText(ours?.seconds, dbt?.seconds),
    secondsText(floor?.seconds),
    ratioText(floor?.seconds, ours?.seconds),
    secondsText(ours?.cpu),
    secondsText(dbt?.cpu),
    megabytesText(ours?.megabytes),
    megabytesText(dbt?.megabytes),
  ]);
  const line = (list) => `| ${list.join(' | ')} |`;
  return [line(HEADINGS), line(HEADINGS.map((_, i) => (i === 0 ? '---' : '--:'))), ...cells.map(line)].join('\n');
}

/** `text` with what stands between the markers replaced; undefined where it has none. Throws for a lone marker. */
export function splice(text, table) {
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start === -1 && end === -1) return undefined;
  if (start === -1 || end < start) throw new Error(`The file needs ${START} and, after it, ${END}`);
  return `${text.slice(0, start + START.length)}\n${table}\n${text.slice(end)}`;
}
