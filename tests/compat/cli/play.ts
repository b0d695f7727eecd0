import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Group, words } from './cases.js';
import { type Ended, type Observation, observe, stamps } from './observe.js';

/** Runs one command line in a folder. */
export type Engine = (args: readonly string[], folder: string, env: Readonly<Record<string, string>>) => Promise<Ended>;

export interface Played {
  readonly line: string;
  readonly observation: Observation;
  readonly ended: Ended;
}

/** Runs a group's command lines in a copy of its project, and gives what each did. */
export async function play(group: Group, engine: Engine): Promise<Played[]> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'upsql-cli-')));
  const folder = join(home, 'shop');
  cpSync(join(import.meta.dirname, 'projects/shop'), folder, { recursive: true });
  const path = (name: string): string => join(folder, name);
  const played: Played[] = [];
  let env: Readonly<Record<string, string>> = { HOME: home, TZ: 'UTC' };
  for (const step of group.steps) {
    if ('line' in step) {
      const before = stamps(folder);
      const args = words(step.line);
      const ended = await engine(args, folder, env);
      played.push({ line: step.line, observation: placeless(observe(args, folder, before, ended), folder), ended });
      continue;
    }
    if (step.env !== undefined) env = { ...env, ...step.env };
    if (step.copy !== undefined) cpSync(path(step.copy[0]), path(step.copy[1]), { recursive: true });
    if (step.remove !== undefined) rmSync(path(step.remove));
    for (const [name, text] of Object.entries(step.write ?? {})) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    }
  }
  rmSync(home, { recursive: true });
  return played;
}

/** The same, wherever the project lies. */
function placeless(observation: Observation, folder: string): Observation {
  return JSON.parse(JSON.stringify(observation).replaceAll(folder, '<project>').replaceAll(dirname(folder), '<home>'));
}
