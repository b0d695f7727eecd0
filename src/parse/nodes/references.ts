/** `ref('a')`, `source('s', 't')` and `metric('m')` written as text in YAML. */
import { problem } from '../../diagnostics/index.js';
import type { PropertyEntry } from '../../project/index.js';
import type { RefArgs } from '../node.js';
import type { ParsedProject } from '../state.js';

const QUOTED = /(['"])(.*?)\1/g;

export type Reference =
  | { readonly kind: 'ref'; readonly ref: RefArgs }
  | { readonly kind: 'source'; readonly source: [string, string] }
  | { readonly kind: 'metric'; readonly metric: string[] };

/** Undefined when the text is no such call. */
export function parseReference(text: string): Reference | undefined {
  const match = /^\s*(ref|source|metric)\s*\((.*)\)\s*$/s.exec(text);
  if (match === null) return undefined;
  const inside = match[2] ?? '';
  const version = /\b(?:version|v)\s*=\s*(['"]?)([\w.-]+)\1/.exec(inside);
  const names = [...inside.replace(/\b(?:version|v)\s*=.*$/s, '').matchAll(QUOTED)].map((m) => m[2] ?? '');
  const [first, second] = names;
  if (first === undefined) return undefined;
  if (match[1] === 'metric') return { kind: 'metric', metric: names };
  if (match[1] === 'source') return second === undefined ? undefined : { kind: 'source', source: [first, second] };
  const written = version?.[2] ?? null;
  const number = version?.[1] === '' && written !== null && /^\d+$/.test(written) ? Number(written) : written;
  return {
    kind: 'ref',
    ref: { name: second ?? first, package: second === undefined ? null : first, version: number },
  };
}

export interface References {
  readonly refs: RefArgs[];
  readonly sources: [string, string][];
  readonly metrics: string[][];
}

/** The references in a list of texts at `entry[at]`; what is none becomes a diagnostic at its place. */
export function readReferences(
  parsed: ParsedProject,
  entry: PropertyEntry,
  given: readonly unknown[],
  at: string,
): References {
  const out: References = { refs: [], sources: [], metrics: [] };
  given.forEach((text, i) => {
    const found = typeof text === 'string' ? parseReference(text) : undefined;
    if (found === undefined) {
      parsed.diagnostics.push(
        problem('invalid-reference', `${String(text)} is not a reference.`, {
          place: entry.locate([at, i]),
          hint: "Write ref('model'), source('source', 'table') or metric('metric').",
        }),
      );
    } else if (found.kind === 'ref') out.refs.push(found.ref);
    else if (found.kind === 'source') out.sources.push(found.source);
    else out.metrics.push(found.metric);
  });
  return out;
}
