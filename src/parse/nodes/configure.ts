/** Giving a node its final config: levels merged, copied to the node-level fields that dbt keeps beside it, relation named. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { Template } from '../../jinja/index.js';
import { type ConfigMap, type ConfiguredType, resolveConfig, unrenderedConfig } from '../config.js';
import { parseScope } from '../context/scopes.js';
import type { Node } from '../node.js';
import { texts } from '../shape.js';
import { originOf, type ParsedProject } from '../state.js';
import { setRelationNames } from './naming.js';

interface Hook {
  readonly sql: string;
}

const ACCESS = ['private', 'protected', 'public'];

/**
 * Works out a node's config from dbt_project.yml, `patch` (properties YAML) and the `config()` call recorded for it.
 * Called once when the node's file is read and again when a properties file patches it.
 */
export function configureNode(parsed: ParsedProject, node: Node, patch?: ConfigMap): void {
  const request = {
    type: node.resource_type as ConfiguredType,
    fqn: node.fqn,
    packageName: node.package_name,
    call: parsed.configCalls.get(node.unique_id) ?? {},
    ...(patch === undefined ? {} : { patch }),
  };
  const config = resolveConfig(parsed.project, request);
  if (!Array.isArray(config.tags)) config.tags = texts(config.tags);
  node.config = config;
  node.unrendered_config = unrenderedConfig(parsed.project, request);
  for (const tag of texts(config.tags)) if (!node.tags.includes(tag)) node.tags.push(tag);
  if (Object.keys(config.meta ?? {}).length > 0) node.meta = config.meta;
  if (typeof config.group === 'string') node.group = config.group;
  if (node.resource_type === 'model' && typeof config.access === 'string') {
    if (!ACCESS.includes(config.access)) {
      throw new UpsqlError(
        problem(
          'invalid-access',
          `Access '${config.access}' of model '${node.name}' is not one of ${ACCESS.join(', ')}.`,
          {
            place: { file: originOf(parsed, node).file, line: 1, column: 1 },
          },
        ),
      );
    }
    node.access = config.access;
  }
  const docs = config.docs as { show?: boolean; node_color?: string | null } | undefined;
  if (docs !== undefined) node.docs = { show: docs.show ?? true, node_color: docs.node_color ?? null };
  const contract = config.contract as { enforced?: boolean; alias_types?: boolean } | undefined;
  if (contract !== undefined && node.contract !== undefined) {
    node.contract = {
      enforced: contract.enforced ?? false,
      alias_types: contract.alias_types ?? true,
      checksum: node.contract.checksum,
    };
  }
  setRelationNames(parsed, node);
  readHookTexts(parsed, node);
}

/** Pre- and post-hooks refer to nodes and call macros too: those are noted as the node's own. */
function readHookTexts(parsed: ParsedProject, node: Node): void {
  if (node.resource_type === 'test') return;
  const hooks = [...((node.config['pre-hook'] ?? []) as Hook[]), ...((node.config['post-hook'] ?? []) as Hook[])]
    .map((hook) => hook.sql)
    .filter((sql) => sql.includes('{'));
  if (hooks.length === 0) return;
  const scope = parseScope(parsed, node, { log: () => undefined, warn: () => undefined });
  const { file, line } = originOf(parsed, node);
  for (const text of hooks) Template.parse({ text, file, line }).renderSync(scope, { lenient: true, once: true });
  const [ref] = node.refs;
  if (node.resource_type === 'seed' && ref !== undefined) {
    throw new UpsqlError(
      problem(
        'seed-dependency',
        `Seeds cannot depend on other nodes: a hook of '${node.name}' refers to '${ref.name}'.`,
        {
          place: { file, line: 1, column: 1 },
          hint: 'Give the hook to the node that it refers to, or to a model that refers to the seed.',
        },
      ),
    );
  }
}
