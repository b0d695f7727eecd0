/** Names and relations that two nodes can't both have. */
import { type Place, problem } from '../diagnostics/index.js';
import { REFABLE } from './lookup.js';
import type { Node } from './node.js';
import { nodeRelation, renderPath } from './relation.js';
import { originOf, type ParsedProject } from './state.js';

const placeOf = (parsed: ParsedProject, node: Node): Place => ({
  file: originOf(parsed, node).file,
  line: 1,
  column: 1,
});

const isVersioned = (node: Node) => node.version !== null && node.version !== undefined;

/** Two nodes of a package that ref() could not tell apart: a seed named as a model, a versioned and a plain model. */
function checkNames(parsed: ParsedProject, nodes: readonly Node[]): void {
  const known = new Map<string, Node>();
  for (const node of nodes) {
    const key = `${node.package_name}.${node.name}`;
    const before = known.get(key);
    if (before === undefined) known.set(key, node);
    else if (!(isVersioned(before) && isVersioned(node)))
      parsed.diagnostics.push(
        problem(
          'duplicate-name',
          `A ${before.resource_type} and a ${node.resource_type} are both named '${node.name}' in package '${node.package_name}'.`,
          {
            place: placeOf(parsed, node),
            hint: `They are ${before.original_file_path} and ${node.original_file_path}. Rename or disable one of them: a name is what ref() finds a node by.`,
          },
        ),
      );
  }
}

/** Two nodes that would be built over each other. */
function checkRelations(parsed: ParsedProject, nodes: readonly Node[]): void {
  const known = new Map<string, Node>();
  for (const node of nodes) {
    const path = renderPath(nodeRelation(node, parsed.adapter.dialect, parsed.project.config.quoting));
    const before = known.get(path);
    if (before === undefined) known.set(path, node);
    else if (before.name !== node.name || before.package_name !== node.package_name || isVersioned(node))
      parsed.diagnostics.push(
        problem(
          'ambiguous-relation',
          `${before.resource_type} '${before.name}' and ${node.resource_type} '${node.name}' are both built as ${path}.`,
          {
            place: placeOf(parsed, node),
            hint: `They are ${before.original_file_path} and ${node.original_file_path}. Give one of them another alias or schema.`,
          },
        ),
      );
  }
}

/** To be called when all nodes have their relation. Each fault is an error that names both files. */
export function checkUniqueness(parsed: ParsedProject): void {
  const nodes = Object.values(parsed.manifest.nodes).filter((node) => REFABLE.has(node.resource_type));
  checkNames(parsed, nodes);
  checkRelations(parsed, nodes);
}
