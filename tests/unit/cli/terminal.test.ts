import { describe, expect, it } from 'vitest';
import { createOutput } from '../../../src/cli/output/create-output.js';
import { runLine, workLine } from '../../../src/cli/output/progress-line.js';
import { createStyle } from '../../../src/cli/output/style.js';
import { terminalSink } from '../../../src/cli/output/terminal.js';
import { textWidth } from '../../../src/cli/output/width.js';
import { fakeStream, sampleEvents, sampleNode, sampleResult } from './samples.js';

const style = createStyle(false);
const SHOW = '\u001b[?25h';
const CLEAR = '\r\u001b[2K';
const HIDE = '\u001b[?25l';

function terminal(columns = 80) {
  const stream = fakeStream(columns, true);
  let now = 0;
  let tick: (() => void) | null = null;
  const clock = {
    now: () => now,
    every: (_ms: number, call: () => void) => {
      tick = call;
      return () => {
        tick = null;
      };
    },
  };
  const io = { stdout: stream, stderr: fakeStream(), env: {}, cwd: '/' };
  const output = createOutput(terminalSink({ log: stream, answer: stream }, false, clock), flags, io);
  const pass = (ms: number) => {
    now += ms;
    tick?.();
  };
  return { output, stream, pass, ticking: () => tick !== null };
}

const flags = {
  format: 'text' as const,
  level: 'info' as const,
  debug: false,
  colors: false,
  printerWidth: undefined,
  logPath: undefined,
  command: 'build',
};

/** What stands on the screen after `text`, without the cursor's state. */
function screen(text: string): string[] {
  const lines = [''];
  for (const part of text
    .replaceAll(SHOW, '')
    .replaceAll(HIDE, '')
    .split(new RegExp(`(\n|${CLEAR.replace('[', '\\[')})`))) {
    if (part === '\n') lines.push('');
    else if (part.startsWith('\r')) lines[lines.length - 1] = '';
    else lines[lines.length - 1] += part;
  }
  return lines;
}

describe('terminal output', () => {
  const events = sampleEvents([sampleResult(sampleNode('a')), sampleResult(sampleNode('b'))]);

  it('shows a live line with bar, count, running nodes and time, below the lines of finished nodes', () => {
    const { output, stream, pass } = terminal();
    for (const event of events.slice(0, 4)) output.event(event);
    pass(2500);
    const shown = screen(stream.text);
    expect(shown.at(-1)).toMatch(/^━{12}╺─{11} {2}1\/2 {2}b {2}2\.5s$/);
    expect(shown.at(-2)).toMatch(/^1 of 2 OK created sql table model main\.a \.+ \[OK in 0\.25s\]$/);
    expect(shown.some((line) => line.includes('START'))).toBe(false);
  });

  it('writes each change as one string, so that nothing flickers', () => {
    const { output, stream } = terminal();
    for (const event of events.slice(0, 2)) output.event(event);
    const before = stream.writes.length;
    const end = events[2];
    if (end !== undefined) output.event(end);
    expect(stream.writes.length).toBe(before + 1);
    expect(stream.writes.at(-1)).toMatch(/^.{5}1 of 2 OK .*\n━/s);
    expect(stream.writes.at(-1)?.startsWith(CLEAR)).toBe(true);
  });

  it('gives the cursor back at the end of a run and when closed in the middle', () => {
    for (const count of [events.length, 3]) {
      const { output, stream, ticking } = terminal();
      for (const event of events.slice(0, count)) output.event(event);
      output.close();
      expect(stream.text.lastIndexOf(SHOW)).toBeGreaterThan(stream.text.lastIndexOf(HIDE));
      expect(screen(stream.text).at(-1)).toBe('');
      expect(ticking()).toBe(false);
    }
  });

  it('never draws a live line that wraps, however narrow the terminal', () => {
    for (const columns of [20, 30, 45, 80, 200]) {
      const running = ['a_model_with_a_rather_long_name', 'dim_users', 'fact_events', 'another_one'];
      const line = runLine({ done: 12, total: 140, failed: 3, running, elapsed: 125_000 }, columns, style);
      expect(textWidth(line)).toBeLessThanOrEqual(columns);
      const work = workLine({ label: 'events', done: 450_000, total: 1_000_000, unit: 'events' }, 900, columns, style);
      if (columns >= 60) expect(textWidth(work)).toBeLessThanOrEqual(columns);
    }
  });

  it('cuts long names so that a line of a node fits, and leaves skipped nodes to the summary', () => {
    const { output, stream } = terminal(60);
    const long = sampleResult(sampleNode('accepted_values_of_a_column_with_a_very_long_name', 'test'));
    const skipped = sampleResult(sampleNode('after'), { status: 'skipped', skippedBecause: ['model.shop.x'] });
    for (const event of sampleEvents([long, skipped])) output.event(event);
    const lines = screen(stream.text);
    expect(lines.find((line) => line.includes('PASS'))).toBe(
      '1 of 2 PASS accepted_values_of_a_column_wi…  [PASS in 0.25s]',
    );
    expect(lines.filter((line) => line.includes('SKIP '))).toEqual([]);
    expect(lines).toContain('Skipped 1 node because of model x:');
  });

  it('shows the progress of work that is no graph', () => {
    const { output, stream, pass } = terminal(100);
    output.progress({ label: 'simulate', done: 0, total: 1000, unit: 'events' });
    output.progress({ label: 'simulate', done: 450, total: 1000, unit: 'events' });
    pass(1000);
    expect(screen(stream.text).at(-1)).toMatch(/^simulate {2}━+╺─+ {3}45% {2}450 of 1,000 events {2}1\.0s$/);
    output.progress(null);
    expect(screen(stream.text)).toEqual(['']);
    expect(stream.text.endsWith(SHOW)).toBe(true);
  });
});
