import { expect, it } from 'vitest';
import { DateTime, PyDate } from '../../../src/jinja/index.js';
import { temporalValue } from '../../../src/parse/context/sql-value.js';
import { inferKind } from '../../../src/parse/runtime/seed-table.js';

/** What dbt-core 1.11 takes columns with these values for. */
it.each([
  ['datetime', '2020-02-04 04:30:21'],
  ['datetime', '2020-02-04 4:30:21'],
  ['datetime', '2020-2-4 4:3:2'],
  ['datetime', '2020-02-04  04:30:21'],
  ['datetime', '2020-02-04T04:30:21.5'],
  ['datetime', '2020-02-04T04:30:21Z'],
  ['datetime', '2020-02-04T04:30:21+01:00'],
  ['datetime', '2020-02-04T04:30:21+01'],
  ['datetime', '2020-02-04T04:30'],
  ['datetime', '2020-02-04 04:30:21', '', 'null'],
  ['date', '2020-02-04'],
  ['date', '2020-2-4'],
  ['date', ' 2020-02-04 '],
  ['date', '2024-02-29'],
  ['date', '9999-12-31'],
  ['text', '2020-02-30'],
  ['text', '2023-02-29'],
  ['text', '20-02-03'],
  ['text', '0000-01-01'],
  ['text', '2020/02/04'],
  ['text', '2020-02-04 04:30:21.5'],
  ['text', '2020-02-04 04:30:21Z'],
  ['text', '2020-02-04 04:30'],
  ['text', '2020-02-04 24:00:00'],
  ['text', '2020-02-04T24:00:00'],
  ['text', '2020-02-04 23:59:60'],
  ['text', '2020-02-04 04:30:21', '2020-02-04T04:30:21'],
  ['text', '2020-02-04', '2020-02-04 04:30:21'],
  ['integer', '1', '-1', '+1', '1,000', '1.0'],
  ['number', '1', '.5'],
  ['number', '1e-3'],
  ['boolean', 'true', 'FALSE', ''],
  ['text', '1', 'true'],
])('%s: %j', (kind, ...values) => {
  expect(inferKind(values)).toBe(kind);
});

it('days and hours of one digit are values too', () => {
  const days = PyDate.of(2020, 2, 4).days;
  expect(temporalValue('2020-2-4', 'date')).toEqual(new PyDate(days));
  const micros = ((4 * 60 + 3) * 60 + 2) * 1_000_000;
  expect(temporalValue('2020-2-4  4:3:2', 'datetime')).toEqual(new DateTime({ days, micros }));
});
