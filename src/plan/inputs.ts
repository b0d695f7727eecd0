/** What of the invocation a node's templates read: variables and environment variables, as a hash. */
import { findVar } from '../parse/context/vars.js';
import type { Manifest, Node } from '../parse/node.js';
import type { Project } from '../project/index.js';

const CALL = /\b(env_var|var)\s*\(\s*(?:(['"])([^'"\n]*)\2)?|\bvar\s*\.\s*has_var\b/g;

export type InputSource = Pick<Project, 'cliVars' | 'packages' | 'env'>;

/**
 * The values that the texts may read: of names that are written out, else (`var(name)`) of all variables. '' when there
 * are none.
 */
export function inputsOf(project: Project, packageName: string, texts: readonly string[]): string {
  const values = new Map<string, unknown>();
  for (const text of texts) {
    for (const [, kind, , name] of text.matchAll(CALL)) {
      if (kind === 'env_var') {
        if (name !== undefined) values.set(`env ${name}`, project.env[name] ?? null);
      } else if (name !== undefined) values.set(`var ${name}`, findVar(project, packageName, name) ?? null);
      else values.set('vars', [project.cliVars, project.packages.map(({ name: own, config }) => [own, config.vars])]);
    }
  }
  return values.size === 0 ? '' : JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The node's own text and those of the macros that it calls at any remove, the engine's own left out. */
export function textsOf(manifest: Manifest, node: Node, macros: Readonly<Record<string, string>>): string[] {
  return [node.raw_code, ...Object.keys(macros).map((id) => manifest.macros[id]?.macro_sql ?? '')];
}
