import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { TaskColumns } from '../../ml/task/index.js';

interface Truth {
  readonly rate: number;
  readonly gone: number;
  readonly pause: readonly [number, number];
}

const DAY_MS = 86_400_000;

/**
 * For each row the probability that its user has no event in the horizon after the cutoff, by someone who knows what the simulator knows
 * (its truth.jsonl): the rate of active days, pauses, and the day the user leaves. No model can rank better but by luck; NaN for users
 * whom the file does not have.
 * @throws UpsqlError `ml-truth` for a file that can't be read as the simulator's truth.
 */
export async function oracleScores(
  file: string,
  rows: TaskColumns,
  { user, cutoff, horizon }: { readonly user: string; readonly cutoff: string; readonly horizon: number },
): Promise<Float64Array> {
  const truth = await readTruth(file);
  const cutoffs = rows.texts(cutoff);
  return Float64Array.from(rows.texts(user), (id, i) => {
    const known = truth.get(id ?? '');
    if (known === undefined) return Number.NaN;
    const from = day(cutoffs[i] ?? '') + 1;
    const to = Math.min(from + horizon, known.gone);
    const paused = Math.max(0, Math.min(to, known.pause[1]) - Math.max(from, known.pause[0]));
    return Math.exp(-known.rate * Math.max(0, to - from - paused));
  });
}

function day(text: string): number {
  return Math.floor(Date.parse(text.slice(0, 10)) / DAY_MS);
}

async function readTruth(file: string): Promise<ReadonlyMap<string, Truth>> {
  const truth = new Map<string, Truth>();
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      number++;
      if (line.trim() === '') continue;
      const row = JSON.parse(line) as Record<string, unknown>;
      const rate = Number(row.activity_rate);
      const gone = day(String(row.churn_date));
      if (row.user_id === undefined || !Number.isFinite(rate) || Number.isNaN(gone))
        throw new Error('a field is missing');
      const pauseFrom = row.pause_start == null ? Number.POSITIVE_INFINITY : day(String(row.pause_start));
      const pauseTo = row.pause_end == null ? Number.NEGATIVE_INFINITY : day(String(row.pause_end));
      truth.set(String(row.user_id), { rate, gone, pause: [pauseFrom, pauseTo] });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UpsqlError(
      problem(
        'ml-truth',
        `${file}${number > 0 ? `, line ${number}` : ''}, can't be read as the simulator's truth: ${reason}`,
        {
          hint: 'Give the truth.jsonl that `upsql simulate --behaviour lifecycle` wrote.',
        },
      ),
      1,
      error,
    );
  }
  return truth;
}
