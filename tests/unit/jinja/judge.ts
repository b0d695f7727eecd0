import { readFileSync } from 'node:fs';
import {
  Decimal,
  type Dict,
  Float,
  hostFunction,
  JinjaError,
  jsonLoads,
  pythonModules,
  type Scope,
  Template,
  toJinja,
} from '../../../src/jinja/index.js';

/** A case whose expectation scripts/jinja/expectations.py has computed with jinja2. */
export interface Case {
  readonly subject?: string;
  readonly template: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly floats?: readonly string[];
  readonly integers?: Readonly<Record<string, string>>;
  readonly output?: string;
  readonly repr?: string;
  readonly error?: string;
}

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const shared = read('context.json');
const modules = pythonModules();
const decimal = hostFunction('decimal', ['text'], (text: string) => Decimal.parse(text));

export function load(name: string): Case[] {
  return JSON.parse(read(name)) as Case[];
}

/** The values of a case, new ones for each render, because templates change lists and dicts. */
export function scope({
  context = {},
  floats = [],
  integers = {},
}: Pick<Case, 'context' | 'floats' | 'integers'>): Scope {
  const values = jsonLoads(shared) as Dict;
  for (const [name, value] of Object.entries(context)) {
    const large = integers[name];
    if (large !== undefined) values.set(name, BigInt(large));
    else values.set(name, floats.includes(name) ? new Float(value as number) : toJinja(value));
  }
  values.set('modules', modules);
  values.set('decimal', decimal);
  return { lookup: (name) => values.get(name) };
}

/** `output: ...` or `error: <Python's class>`, as `wanted` gives it. */
export function outcome(result: () => string): string {
  try {
    return `output: ${result()}`;
  } catch (error) {
    if (error instanceof JinjaError) return `error: ${error.kind}`;
    throw error;
  }
}

export function wanted({ output, error }: Case): string {
  return error === undefined ? `output: ${output}` : `error: ${error}`;
}

export function parse(text: string): Template {
  return Template.parse({ text, file: 'case.sql' });
}

export function rendered(item: Case): string {
  return outcome(() => parse(item.template).renderSync(scope(item)));
}

/** As `rendered`, without compiling where the template allows it. */
export function renderedOnce(item: Case): string {
  return outcome(() => parse(item.template).renderSync(scope(item), { once: true }));
}

export async function renderedAsync(item: Case): Promise<string> {
  try {
    return `output: ${await parse(item.template).render(scope(item))}`;
  } catch (error) {
    return outcome(() => {
      throw error;
    });
  }
}
