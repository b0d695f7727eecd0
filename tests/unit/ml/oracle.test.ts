import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { taskColumns } from '../../../src/ml/task/index.js';
import { oracleScores } from '../../../src/run/ml/oracle.js';
import { expectMlError } from './expect-ml-error.js';

function truthFile(rows: readonly object[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'upsql-truth-')), 'truth.jsonl');
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  return file;
}

describe('oracle', () => {
  it('counts the days that a user is there for in the horizon: not after leaving, not in a pause', async () => {
    const person = { activity_rate: 0.1, churn_date: '2026-12-31', pause_start: null, pause_end: null };
    const file = truthFile([
      { ...person, user_id: 1 },
      { ...person, user_id: 2, churn_date: '2026-01-11' },
      { ...person, user_id: 3, pause_start: '2026-01-06', pause_end: '2026-01-16' },
      { ...person, user_id: 4, churn_date: '2025-06-01' },
    ]);
    const rows = taskColumns(
      new Map([
        ['user_id', ['1', '2', '3', '4', '5']],
        ['cutoff_date', Array.from({ length: 5 }, () => '2025-12-31')],
      ]),
      5,
    );
    const scores = await oracleScores(file, rows, { user: 'user_id', cutoff: 'cutoff_date', horizon: 30 });
    // There for 30, 10, 20 and no days from 1 January on; the fifth is unknown.
    for (const [i, days] of [30, 10, 20, 0].entries()) expect(scores[i]).toBeCloseTo(Math.exp(-0.1 * days), 12);
    expect(scores[4]).toBeNaN();
  });

  it('refuses a file that is no truth, with the line', async () => {
    const rows = taskColumns(new Map([['user_id', ['1']]]), 1);
    const file = truthFile([{ user_id: 1, activity_rate: 1, churn_date: '2026-01-01' }, { user_id: 2 }]);
    const scores = () => oracleScores(file, rows, { user: 'user_id', cutoff: 'user_id', horizon: 30 });
    await expectMlError(scores, 'ml-truth', /line 2, can't be read/);
    await expectMlError(
      () => oracleScores('/nowhere/truth.jsonl', rows, { user: 'user_id', cutoff: 'user_id', horizon: 30 }),
      'ml-truth',
      /can't be read/,
    );
  });
});
