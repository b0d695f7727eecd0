import { describe, expect, it } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import { type SimulateOptions, settings } from '../../../src/simulate/options.js';

function messages(options: Partial<Record<keyof SimulateOptions, unknown>>): string[] {
  try {
    settings({ out: 'data', ...options } as SimulateOptions);
  } catch (error) {
    if (error instanceof UpsqlError) return error.diagnostics.map((d) => [d.message, d.hint].filter(Boolean).join(' '));
    throw error;
  }
  return [];
}

describe('simulate options', () => {
  it.each([
    [{ users: 0 }, '--users is 0, but it must be a whole number from 1'],
    [{ users: 1.5 }, '--users is 1.5'],
    [{ events: -1 }, '--events is -1'],
    [{ events: Number.NaN }, '--events is NaN'],
    [{ days: 0 }, '--days is 0'],
    [{ seed: -3 }, '--seed is -3'],
    [{ threads: 0 }, '--threads is 0'],
    [{ format: 'parket' }, "--format is parket, but it must be one of json, csv, parquet Did you mean 'parquet'?"],
    [{ behaviour: 'classical' }, "Did you mean 'classic'?"],
    [{ endDate: '2025-02-29' }, '--end-date is 2025-02-29'],
    [{ endDate: '01/02/2025' }, '--end-date is 01/02/2025'],
    [{ dirt: 2 }, '--dirt is 2, but it must be a share from 0 to 0.5'],
    [{ late: Number.NaN }, '--late is NaN'],
    [{ out: ' ' }, '--out is'],
    [{ fromDay: 5, toDay: 5 }, '--to-day is 5, but it must be later than --from-day (5)'],
    [{ appendDays: 0 }, '--append-days is 0'],
    [{ appendDays: 7, fromDay: 3 }, '--append-days is 7, but it must be used without'],
  ])('%j is refused', (options, message) => {
    const found = messages(options);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it('reports all wrong options at once', () => {
    expect(messages({ users: 0, days: 0, format: 'xml' })).toHaveLength(3);
  });

  it('puts the last day before the end date and appended days after it', () => {
    const base = settings({ out: 'x', days: 10, endDate: '2025-03-01' });
    expect(new Date(base.start).toISOString()).toBe('2025-02-19T00:00:00.000Z');
    expect([base.fromDay, base.toDay]).toEqual([0, 10]);
    const more = settings({ out: 'x', days: 10, endDate: '2025-03-01', appendDays: 7 });
    expect([more.start, more.fromDay, more.toDay]).toEqual([base.start, 10, 17]);
  });

  it('damages and delays events by default only in lifecycle mode', () => {
    expect(settings({ out: 'x' })).toMatchObject({ dirt: 0.001, late: 0.002 });
    expect(settings({ out: 'x', behaviour: 'classic' })).toMatchObject({ dirt: 0, late: 0 });
  });
});
