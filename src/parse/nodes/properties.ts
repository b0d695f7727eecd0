/** What an entry of properties YAML says about a node itself: config, description, columns, constraints. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { PropertyEntry } from '../../project/index.js';
import type { ConfigMap } from '../config.js';
import { recordRef, recordSource } from '../context/parse-members.js';
import type { Node } from '../node.js';
import { isMap, type Raw } from '../shape.js';
import { modelConstraints, readColumns } from './columns.js';
import { parseReference } from './references.js';

const LIFTED = ['meta', 'docs', 'group', 'contract', 'access'];

/** The config of an entry, with the keys that may also stand beside it. */
export function patchConfig(raw: Raw): ConfigMap {
  const config: ConfigMap = isMap(raw.config) ? { ...raw.config } : {};
  for (const key of LIFTED) if (raw[key] !== undefined && !(key in config)) config[key] = raw[key];
  return config;
}

/** A date or time as the manifest has it: ISO, with a zone. */
function dateTimeText(text: string): string {
  const time = text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T');
  return /(Z|[-+]\d{2}:?\d{2})$/.test(time) ? time : `${time}+00:00`;
}

interface ForeignKey {
  readonly type: unknown;
  readonly to: unknown;
}

/** What foreign keys refer to is built before the model, as what its SQL refers to. */
function recordForeignKeys(node: Node, entry: PropertyEntry): void {
  const constraints = [...Object.values(node.columns).flatMap((c) => c.constraints), ...(node.constraints ?? [])];
  for (const { type, to } of constraints as ForeignKey[]) {
    if (type !== 'foreign_key' || typeof to !== 'string') continue;
    const found = parseReference(to);
    if (found?.kind === 'ref') recordRef(node, found.ref);
    else if (found?.kind === 'source') recordSource(node, found.source);
    else
      throw new UpsqlError(
        problem(
          'invalid-reference',
          `The foreign key of model '${node.name}' refers to ${to}, which is no reference.`,
          {
            place: entry.place,
            hint: "Write to: ref('model') or to: source('source', 'table').",
          },
        ),
      );
  }
}

/** The node-level properties of an entry. */
export function patchProperties(node: Node, entry: PropertyEntry, raw: Raw): void {
  node.patch_path = `${entry.packageName}://${entry.originalFilePath}`;
  if (typeof raw.description === 'string') node.description = raw.description;
  const columns = readColumns(raw.columns);
  if (Object.keys(columns).length > 0) node.columns = columns;
  if (node.resource_type === 'model') {
    if (typeof raw.access === 'string') node.access = raw.access;
    if (raw.constraints !== undefined) node.constraints = modelConstraints(raw.constraints);
    recordForeignKeys(node, entry);
    if (typeof raw.deprecation_date === 'string') node.deprecation_date = dateTimeText(raw.deprecation_date);
    if (isMap(raw.time_spine)) node.time_spine = { custom_granularities: [], ...raw.time_spine };
  }
}
