import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { GROUPS, type Step } from '../compat/cli/cases.js';
import { differences, PURPOSES, type Purpose, purposeOf } from '../compat/cli/differences.js';
import type { Ended, Json } from '../compat/cli/observe.js';
import { type Played, play } from '../compat/cli/play.js';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';

/** What scripts/judge/cli.mjs had dbt do for each command line of tests/compat/cli is what upsql does for it. */
const AT_ONCE = 2;
const played = new Map<string, readonly Played[]>();
const purposes = new Set<Purpose>();

beforeAll(async () => {
  compileBin();
  const waiting = [...GROUPS];
  const work = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      played.set(group.name, await play(group, upsql));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}, 900_000);

function upsql(args: readonly string[], folder: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = startUpsql(folder, args, env);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.end();
    child.on('error', reject).on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

const lines = (steps: readonly Step[]): string[] => steps.flatMap((step) => ('line' in step ? [step.line] : []));

describe.each(GROUPS)('$name', ({ name, steps }) => {
  const expected = JSON.parse(
    readFileSync(join(import.meta.dirname, `../compat/cli/expected/${name}.json`), 'utf8'),
  ) as ({ line: string } & { [key: string]: Json })[];

  it.each(lines(steps).map((line, i) => ({ line, i })))('$i: $line', ({ line, i }) => {
    const { line: recorded, ...dbt } = expected[i] ?? { line: 'nothing' };
    expect(recorded, 'what scripts/judge/cli.mjs has recorded').toBe(line);
    const ours = played.get(name)?.[i];
    const found = differences(dbt, ours?.observation as unknown as Json);
    const unexplained = found.filter((difference) => {
      const purpose = purposeOf(`${name}: ${line}`, difference);
      if (purpose !== undefined) purposes.add(purpose);
      return purpose === undefined;
    });
    expect(unexplained, `${ours?.ended.stdout}${ours?.ended.stderr}`).toEqual([]);
  });
});

it('differences on purpose are there still', () => {
  expect(PURPOSES.filter((purpose) => !purposes.has(purpose))).toEqual([]);
});
