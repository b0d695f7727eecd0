import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A command line, or what happens to the project or its environment before the next one. */
export type Step =
  | { readonly line: string }
  | {
      readonly write?: Files;
      readonly copy?: readonly [string, string];
      readonly remove?: string;
      readonly env?: Files;
    };

type Files = Readonly<Record<string, string>>;

export interface Group {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** The groups of cases.yml. */
export const GROUPS: readonly Group[] = Object.entries(
  parse(readFileSync(join(import.meta.dirname, 'cases.yml'), 'utf8')) as Record<string, (string | object)[]>,
).map(([name, steps]) => ({
  name,
  steps: steps.flatMap((step): Step[] => (typeof step === 'string' ? lines(step) : [step])),
}));

function lines(text: string): Step[] {
  return text
    .trim()
    .split('\n')
    .map((line) => ({ line }));
}

/** The words of a command line, as a shell splits them: blanks part words, single and double quotes keep them. */
export function words(line: string): string[] {
  const found = line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g);
  return [...found].map(([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
}
