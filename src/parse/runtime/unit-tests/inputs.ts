/** What a unit test gives in place of the relations that its model reads. */
import { didYouMean } from '../../../diagnostics/index.js';
import { findRef, findSource } from '../../lookup.js';
import type { Node, OtherNode, SourceNode } from '../../node.js';
import { parseReference } from '../../nodes/references.js';
import { unitTestPlace } from '../../nodes/unit-test-place.js';
import { nodeRelation, type Relation, sourceRelation } from '../../relation.js';
import { mapsOf, type Raw } from '../../shape.js';
import type { ParsedProject } from '../../state.js';
import { fault, type UnitTestHost } from './host.js';
import { isSource } from './shapes.js';

/** What stands in for one relation that the model reads. */
export interface Input {
  readonly given: Raw;
  /** Its position in the test's `given`. */
  readonly index: number;
  readonly original: Node | SourceNode;
  /** The relation whose columns give the fixture's types. */
  readonly relation: Relation;
  readonly cte: string;
  /** The fixture as a node, in whose scope it is rendered. */
  readonly node: Node;
}

/** The inputs of a test by the unique_id of what they stand in for. */
export function readInputs({ parsed }: UnitTestHost, test: OtherNode, model: Node, node: Node): Map<string, Input> {
  const inputs = new Map<string, Input>();
  const names = new Set<string>();
  for (const [index, given] of mapsOf(test.given).entries()) {
    const original = findInput(parsed, test, model, String(given.input), index);
    const identifier = isSource(original) ? original.identifier : original.alias;
    const wanted = `__dbt__cte__${isSource(original) ? `${original.source_name}__${original.name}` : identifier}`;
    // Two relations of one name in two schemas.
    const cte = names.has(wanted.toLowerCase()) ? `${wanted}_${index + 1}` : wanted;
    names.add(cte.toLowerCase());
    inputs.set(original.unique_id, {
      given,
      index,
      original,
      relation: isSource(original)
        ? sourceRelation(original, parsed.adapter.dialect, parsed.adapter.type)
        : nodeRelation(original, parsed.adapter.dialect, parsed.project.config.quoting),
      cte,
      node: {
        ...node,
        resource_type: 'model',
        unique_id: `${node.unique_id}.given.${original.unique_id}`,
        name: original.name,
        package_name: original.package_name,
        path: `${original.name}.sql`,
        alias: identifier,
        database: original.database,
        schema: original.schema,
        fqn: [...original.fqn],
        raw_code: typeof given.rows === 'string' ? given.rows : '',
        config: { ...node.config, materialized: 'ephemeral' },
        depends_on: { macros: [], nodes: [] },
      },
    });
  }
  return inputs;
}

function findInput(
  parsed: ParsedProject,
  test: OtherNode,
  model: Node,
  input: string,
  index: number,
): Node | SourceNode {
  if (input.trim() === 'this') return model;
  const place = () => unitTestPlace(parsed, test, ['given', index, 'input']);
  const reference = parseReference(input);
  if (reference === undefined || reference.kind === 'metric')
    throw fault(place(), `${input} is no input.`, "Write ref('model'), source('source', 'table') or this.");
  const root = parsed.project.config.name;
  const found =
    reference.kind === 'ref'
      ? findRef(parsed.lookup, reference.ref, root, test.package_name)
      : findSource(parsed.lookup, ...reference.source, root, test.package_name);
  if (found.kind === 'found') return found.node;
  const known = reference.kind === 'ref' ? parsed.lookup.refs.keys() : parsed.lookup.sources.keys();
  const wanted = reference.kind === 'ref' ? reference.ref.name : reference.source.join('.');
  const what = found.kind === 'disabled' ? 'is disabled' : 'does not exist';
  throw fault(place(), `The input ${input} of unit test '${test.name}' ${what}.`, didYouMean(wanted, known));
}
