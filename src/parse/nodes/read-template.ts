/** Reading a node's template for what it refers to: statically where the text allows it, else by rendering it in the parse scope. */
import { UpsqlError } from '../../diagnostics/index.js';
import { fromJinja, Template } from '../../jinja/index.js';
import type { ContextOutput } from '../context/base.js';
import { recordConfig, recordRef, recordSource } from '../context/parse-members.js';
import { parseScope } from '../context/scopes.js';
import type { Node } from '../node.js';
import { originOf, type ParsedProject } from '../state.js';

export interface ReadOptions {
  readonly output: ContextOutput;
  /** False renders always: the test that both ways agree needs it. */
  readonly staticReading: boolean;
}

/** Compiles a node's template and notes its refs, sources and config. Throws UpsqlError with the place of a fault. */
export function readTemplate(parsed: ParsedProject, node: Node, options: ReadOptions): void {
  const origin = originOf(parsed, node);
  const template = Template.parse({ text: node.raw_code, file: origin.file, line: origin.line });
  if (options.staticReading) {
    const found = template.inspect();
    if (!found.dynamic && !hidesBuiltins(parsed, node.package_name)) {
      for (const { name, package: owner, version } of found.refs)
        recordRef(node, { name, package: owner ?? null, version: version ?? null });
      for (const source of found.sources) recordSource(node, [...source], 'once');
      for (const [key, value] of found.configs) recordConfig(parsed, node, { [key]: fromJinja(value) });
      return;
    }
  }
  template.renderSync(parseScope(parsed, node, options.output), { lenient: true });
}

/** True when a project has a macro named as a built-in function, which then decides what `ref()` means. */
function hidesBuiltins(parsed: ParsedProject, packageName: string): boolean {
  return ['ref', 'source', 'config', 'var', 'env_var'].some(
    (name) => parsed.macros.find(name, packageName) !== undefined,
  );
}

/** Runs `read`, putting a thrown UpsqlError's diagnostics into the list so that every file's faults are told at once. */
export function collect(parsed: ParsedProject, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof UpsqlError)) throw error;
    parsed.diagnostics.push(...error.diagnostics);
  }
}
