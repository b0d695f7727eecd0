import { relative } from 'node:path';
import type { SimulateResult } from '../simulate/index.js';

const count = (n: number): string => n.toLocaleString('en-US');
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** What a simulation made, as lines: the files, events by kind, what is wrong on purpose, and how fast it went. */
export function simulationTally(result: SimulateResult, cwd: string): string[] {
  const { files, tally, categories, platforms } = result;
  const paths = files.map(({ path }) => relative(cwd, path) || path);
  const wide = Math.max(...paths.map(({ length }) => length));
  const rows = files.map((file) => `${count(file.rows)} rows`);
  const widest = Math.max(...rows.map(({ length }) => length));
  const lines = files.map(
    (file, i) => `Wrote ${paths[i]?.padEnd(wide)}  ${rows[i]?.padStart(widest)}  ${megabytes(file.bytes).padStart(9)}`,
  );
  const listed = (names: readonly string[], counts: readonly number[]): string =>
    names
      .map((name, i) => ({ name, n: counts[i] ?? 0 }))
      .sort((a, b) => b.n - a.n)
      .map(({ name, n }) => `${name} ${count(n)}`)
      .join(', ');
  if (tally.events > 0) {
    lines.push(`By category: ${listed(categories, tally.byCategory)}`);
    lines.push(`By platform: ${listed(platforms, tally.byPlatform)}`);
  }
  const damaged = tally.rows - tally.events;
  if (damaged + tally.late > 0)
    lines.push(
      `On purpose: ${count(tally.late)} events come late; ${count(damaged)} damaged rows on top (${count(tally.duplicate)} sent twice, ` +
        `${count(tally.malformed)} cut off, ${count(tally.missing)} without a value, ${count(tally.platform)} of an unknown platform)`,
    );
  const rate = count(Math.round(result.events / Math.max(result.seconds, 0.001)));
  lines.push(
    `${count(result.events)} events of ${count(result.users)} users, ${result.firstDate} to ${result.lastDate}: ` +
      `${megabytes(result.bytes)} in ${result.seconds.toFixed(2)}s (${rate} events a second)`,
  );
  return lines;
}
