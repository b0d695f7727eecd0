/** `exceptions.*`: errors and warnings that macros raise. */
import { HostObject, hostFunction, str } from '../../jinja/index.js';
import type { ContextOutput } from './base.js';
import { contractMismatch } from './contract-mismatch.js';

/** An error that a macro raised on purpose: its text is for the user as it stands. */
export class RaisedError extends Error {
  constructor(
    readonly kind: string,
    message: string,
  ) {
    super(message);
    this.name = 'RaisedError';
  }
}

/** Name of the exception, its parameters, and its text from them. */
const RAISED: Readonly<
  Record<string, readonly [kind: string, parameters: readonly string[], text: (...args: string[]) => string]>
> = {
  raise_compiler_error: ['compilation', ['msg'], (msg) => msg ?? ''],
  raise_database_error: ['database', ['msg'], (msg) => msg ?? ''],
  raise_dependency_error: ['dependency', ['msg'], (msg) => msg ?? ''],
  raise_not_implemented: ['not-implemented', ['msg'], (msg) => `Not implemented: ${msg}`],
  raise_fail_fast_error: ['fail-fast', ['msg'], (msg) => msg ?? ''],
  raise_cache_inconsistent: ['cache', ['message'], (msg) => `The relation cache is inconsistent: ${msg}`],
  missing_config: [
    'missing-config',
    ['model', 'name'],
    (_model, name) => `The config '${name}' is required here and is not set.`,
  ],
  missing_relation: ['missing-relation', ['relation'], (relation) => `Relation ${relation} does not exist.`],
  missing_materialization: [
    'missing-materialization',
    ['model', 'adapter_type'],
    (_m, type) => `No such materialization for ${type}.`,
  ],
  relation_wrong_type: [
    'relation-type',
    ['relation', 'expected_type'],
    (relation, type) => `${relation} is in the way: it is not a ${type}. Drop or rename it.`,
  ],
  column_type_missing: [
    'contract',
    ['column_names'],
    (names) => `A contract needs the data_type of each column; it is missing for: ${names}`,
  ],
  raise_ambiguous_alias: [
    'ambiguous-alias',
    ['node_1', 'node_2'],
    (a, b) => `Two nodes go to the same relation: ${a} and ${b}.`,
  ],
  raise_invalid_property_yml_version: ['properties', ['path', 'issue'], (path, issue) => `${path}: ${issue}`],
};

class Exceptions extends HostObject {
  constructor(readonly output: ContextOutput) {
    super();
  }

  override get typeName(): string {
    return 'exceptions';
  }

  override getAttribute(name: string): unknown {
    if (name === 'warn') {
      return hostFunction(name, ['msg', ['node', null]], (message: unknown) => {
        this.output.warn(str(message));
        return '';
      });
    }
    if (name === 'warn_snapshot_timestamp_data_types') {
      return hostFunction(name, ['snapshot_time_data_type', 'updated_at_data_type'], (a: unknown, b: unknown) => {
        this.output.warn(
          `The snapshot's time has type ${str(a)} and its updated_at column ${str(b)}; the comparison may go wrong.`,
        );
        return '';
      });
    }
    if (name === 'raise_contract_error') {
      return hostFunction(name, ['yaml_columns', 'sql_columns'], (contract: unknown, definition: unknown) => {
        throw new RaisedError('contract', contractMismatch(contract, definition));
      });
    }
    const raised = Object.hasOwn(RAISED, name) ? RAISED[name] : undefined;
    if (raised === undefined) return undefined;
    const [kind, parameters, text] = raised;
    return hostFunction(
      name,
      [...parameters.map((p, i) => (i === 0 ? p : ([p, null] as const))), '*args', '**kwargs'],
      (...values: unknown[]) => {
        throw new RaisedError(kind, text(...values.slice(0, parameters.length).map((v) => str(v))));
      },
    );
  }
}

export function exceptionsValue(output: ContextOutput): HostObject {
  return new Exceptions(output);
}
