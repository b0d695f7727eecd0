import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventTimeWindow, sampleWindow } from '../../../src/run/event-window.js';
import { type BatchSize, batchLabel, planBatches, readTime } from '../../../src/run/microbatch/batches.js';

interface Case {
  readonly size: BatchSize;
  readonly until: string;
  readonly from: string | null;
  readonly lookback: number;
  readonly isIncremental: boolean;
  readonly batches: readonly (readonly [string, string] | number)[];
  readonly label: string;
  readonly id: string;
}

/** Made by dbt-core: scripts/judge/batches.py. */
const judged = JSON.parse(readFileSync(new URL('batches.json', import.meta.url), 'utf8')) as {
  readonly begin: string;
  readonly cases: readonly Case[];
};

const time = (text: string): Date => readTime(text) ?? new Date(Number.NaN);
const shown = (date: Date): string => date.toISOString().replace('.000Z', '+00:00');

describe('planBatches', () => {
  it(`plans as dbt does in ${judged.cases.length} cases`, () => {
    expect(judged.cases.length).toBeGreaterThan(100);
    for (const { size, until, from, lookback, isIncremental, batches, label, id } of judged.cases) {
      const planned = planBatches(
        { size, begin: time(judged.begin), lookback },
        { from: from === null ? undefined : time(from), until: time(until), isIncremental },
      );
      const texts = planned.map(({ start, end }) => [shown(start), shown(end)]);
      const seen = texts.length <= 6 ? texts : [...texts.slice(0, 2), texts.length, ...texts.slice(-2)];
      expect({ size, until, from, lookback, isIncremental, seen }).toEqual({
        ...{ size, until, from, lookback, isIncremental, seen: batches },
      });
      const first = planned[0] ?? { start: new Date(0), end: new Date(0) };
      expect([batchLabel(first, size), batchLabel(first, size).replaceAll('-', '')]).toEqual([label, id]);
    }
  });
});

describe('readTime', () => {
  it('reads ISO dates and times as UTC and nothing else', () => {
    expect(time('2024-01-31').toISOString()).toBe('2024-01-31T00:00:00.000Z');
    expect(time('2024-01-31 18:05').toISOString()).toBe('2024-01-31T18:05:00.000Z');
    expect(time('2024-01-31T18:05:09.123456+00:00').toISOString()).toBe('2024-01-31T18:05:09.123Z');
    expect(time('0099-01-01').toISOString()).toBe('0099-01-01T00:00:00.000Z');
    for (const wrong of ['', 'yesterday', '2024-02-30', '2024-13-01', '2024-01-01T25:00:00', '01/02/2024']) {
      expect(readTime(wrong), wrong).toBeUndefined();
    }
  });
});

describe('windows of the command line', () => {
  const now = new Date('2024-03-31T10:30:00Z');
  const since = (text: string): string => sampleWindow(text, now).start.toISOString();

  it('reads a sample back from now, to the same time of day', () => {
    expect(since('3 days')).toBe('2024-03-28T10:30:00.000Z');
    expect(since('1 hour')).toBe('2024-03-31T09:30:00.000Z');
    expect(since('1 month')).toBe('2024-02-29T10:30:00.000Z');
    expect(since('1 Years')).toBe('2023-03-31T10:30:00.000Z');
    expect(sampleWindow('3 days', now).end).toEqual(now);
    expect(sampleWindow('{start: 2024-01-01, end: "2024-02-01 12:00:00"}')).toEqual({
      start: new Date('2024-01-01T00:00:00Z'),
      end: new Date('2024-02-01T12:00:00Z'),
    });
  });

  it('says what is wrong', () => {
    for (const wrong of [
      '3',
      'three days',
      '3 weeks',
      '{start: 2024-01-01}',
      '{start: [',
      '{start: 2024-02-01, end: 2024-01-01}',
    ]) {
      expect(() => sampleWindow(wrong), wrong).toThrow(/--sample/);
    }
    expect(() => eventTimeWindow('2024-01-01', undefined)).toThrow('--event-time-end is missing');
    expect(() => eventTimeWindow('2024-01-02', '2024-01-02')).toThrow('not after its start');
    expect(() => eventTimeWindow('2024-01-02', 'soon')).toThrow('--event-time-end is no date or time: soon');
    expect(eventTimeWindow(undefined, undefined)).toBeUndefined();
  });
});
