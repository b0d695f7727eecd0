import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { junitXml } from '../../../src/artifacts/index.js';
import { problem } from '../../../src/diagnostics/index.js';
import type { NodeResult, RunOutcome } from '../../../src/run/events.js';
import { blankResult } from '../../../src/run/execute.js';
import { nodeOf } from '../run/fixtures.js';

const result = (name: string, more: Partial<NodeResult>, type = 'model'): NodeResult => ({
  ...blankResult(
    nodeOf(name, { resource_type: type as 'model', original_file_path: `models/marts/${name}.sql` }),
    'Thread-1',
  ),
  executionTime: 0.25,
  ...more,
});
const outcomeOf = (...results: NodeResult[]): RunOutcome => ({ results, elapsed: 1.5, success: false });

const outcome = outcomeOf(
  result('fine', { status: 'success', message: 'OK' }),
  result('broken', {
    status: 'error',
    message: 'Database Error\n  more',
    diagnostics: [
      problem('database-error', 'no column <x> & "y"', {
        place: { file: 'models/marts/broken.sql', line: 3, column: 5 },
        hint: 'try z',
      }),
    ],
  }),
  result('below', { status: 'skipped', skippedBecause: ['model.shop.broken'] }),
  result(
    'unique_id',
    {
      status: 'fail',
      failures: 2,
      message: 'Got 2 results',
      sample: {
        columns: ['id', 'n'],
        rows: [
          [1, null],
          ['a<b', 2n],
        ],
      },
    },
    'test',
  ),
  result('late', { status: 'warn', message: 'Got 1 result, s3cret' }, 'test'),
  result('lake', { status: 'error', message: null, diagnostics: [problem('stale-source', 'lake is old')] }, 'source'),
);

describe('junitXml', () => {
  const xml = junitXml(outcome, {
    name: 'upsql build',
    secrets: ['s3cret'],
    startedAt: new Date('2024-01-02T03:04:05Z'),
  });
  const { document } = parseHTML(
    `<html><body>${xml.replace(/<\?xml.*?\?>/, '').replace(/<(\w[\w-]*)([^>]*)\/>/g, '<$1$2></$1>')}</body></html>`,
  );
  const found = (selector: string) => {
    const element = document.querySelector(selector);
    if (element === null) throw new Error(`no ${selector} in ${xml}`);
    return element;
  };

  it('has a suite for each kind with its counts, and the whole ones at the top', () => {
    expect(xml).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="upsql build" tests="6" failures="2" errors="1" skipped="1" time="1.500">/,
    );
    expect(xml).toContain(
      '<testsuite name="models" tests="3" failures="0" errors="1" skipped="1" time="0.750" timestamp="2024-01-02T03:04:05">',
    );
    expect(xml).toContain('<testsuite name="data tests" tests="2" failures="1" errors="0" skipped="0"');
    expect(xml).toContain(
      '<testcase name="fine" classname="shop.models.marts" file="models/marts/fine.sql" time="0.250"/>',
    );
  });

  it('says what went wrong, where, and with which rows', () => {
    const error = found('testcase[name=broken] error');
    expect(error.getAttribute('message')).toBe('no column <x> & "y"');
    expect(error.textContent).toBe('no column <x> & "y"\n  at models/marts/broken.sql:3:5\n  hint: try z');
    expect(found('testcase[name=below] skipped').getAttribute('message')).toBe('because of model.shop.broken');
    expect(found('testcase[name=unique_id] failure').textContent).toContain(
      'failing rows:\n  id | n\n  1 | null\n  a<b | 2',
    );
    expect(found('testcase[name=lake] failure').getAttribute('type')).toBe('error');
  });

  it('tells warnings without failing, and no secret', () => {
    expect(found('testcase[name=late] system-out').textContent).toBe('warning: Got 1 result, *****');
    expect(xml).not.toContain('s3cret');
  });

  it('holds only what XML can', () => {
    const odd = junitXml(
      outcomeOf(result('a\u0000b', { status: 'error', message: 'x\u001b[31m \ud800 ]]> \u{1f600}\r\n' })),
      { name: 'n' },
    );
    for (const wrong of ['\u0000', '\u001b', '\ud800 ']) expect(odd).not.toContain(wrong);
    expect(odd).toContain('name="a\ufffdb"');
    expect(odd).toContain(']]&gt; \u{1f600}&#13;');
  });
});
