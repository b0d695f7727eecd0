/** What an entry of properties YAML says about a node itself: config, description, columns, constraints. */
import type { PropertyEntry } from '../../project/index.js';
import type { ConfigMap } from '../config.js';
import type { Node } from '../node.js';
import { isMap, type Raw } from '../shape.js';
import { modelConstraints, readColumns } from './columns.js';

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

/** The node-level properties of an entry. */
export function patchProperties(node: Node, entry: PropertyEntry, raw: Raw): void {
  node.patch_path = `${entry.packageName}://${entry.originalFilePath}`;
  if (typeof raw.description === 'string') node.description = raw.description;
  const columns = readColumns(raw.columns);
  if (Object.keys(columns).length > 0) node.columns = columns;
  if (node.resource_type === 'model') {
    if (typeof raw.access === 'string') node.access = raw.access;
    if (raw.constraints !== undefined) node.constraints = modelConstraints(raw.constraints);
    if (typeof raw.deprecation_date === 'string') node.deprecation_date = dateTimeText(raw.deprecation_date);
    if (isMap(raw.time_spine)) node.time_spine = { custom_granularities: [], ...raw.time_spine };
  }
}
