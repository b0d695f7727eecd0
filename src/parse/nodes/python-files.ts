/** dbt's Python models: what they refer to and their config are read from the text, nothing is run. */
import { type Diagnostic, placeAt, problem, UpsqlError } from '../../diagnostics/index.js';
import type { ConfigMap } from '../config.js';
import { recordConfig, recordRef, recordSource } from '../context/parse-members.js';
import type { Node } from '../node.js';
import { type DbtCall, dbtCalls } from '../python/calls.js';
import { literalValue, NotLiteral } from '../python/literal.js';
import { functionFaults } from '../python/model-function.js';
import { isOp, type Line, PythonSyntaxError, pythonLines, splitAt } from '../python/tokens.js';
import { originOf, type ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { collect } from './read-template.js';
import { addNode, blank, type SourceText, stem, stripped } from './sql-files.js';

/** Makes diagnostics that point into a file by the offset of its stripped text. */
class Reader {
  readonly code: string;
  readonly line: number;
  readonly #skipped: number;

  constructor(readonly file: SourceText) {
    const { code, start, line } = stripped(file.text);
    this.code = code;
    this.#skipped = start;
    this.line = line;
  }

  fault(code: string, message: string, offset: number, hint?: string, length?: number): Diagnostic {
    const place = placeAt(this.file.absolutePath, this.file.text, this.#skipped + offset, length);
    return problem(code, message, { place, ...(hint === undefined ? {} : { hint }) });
  }

  fail(code: string, message: string, offset: number, hint?: string, length?: number): UpsqlError {
    return new UpsqlError(this.fault(code, message, offset, hint, length));
  }
}

function linesOf(reader: Reader): readonly Line[] {
  const jinja = /\{[{%#]/.exec(reader.code);
  if (jinja !== null) {
    throw reader.fail(
      'jinja-in-python',
      `A Python model can't hold Jinja, and '${jinja[0]}' begins some.`,
      jinja.index,
      "A hook with Jinja can stand in a properties file. In Python's own text put a space between two braces, or write '{' + '{'.",
      2,
    );
  }
  try {
    return pythonLines(reader.code);
  } catch (error) {
    if (!(error instanceof PythonSyntaxError)) throw error;
    throw reader.fail('python-syntax', `This is no Python: ${error.message}.`, error.offset);
  }
}

interface Arguments {
  readonly positional: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
}

function argumentsOf(reader: Reader, call: DbtCall): Arguments {
  const positional: unknown[] = [];
  const named = new Map<string, unknown>();
  for (const argument of splitAt(call.group.items, ',')) {
    const [first] = argument;
    try {
      if (first?.kind === 'name' && isOp(argument[1], '=')) named.set(first.text, literalValue(argument.slice(2)));
      else positional.push(literalValue(argument));
    } catch (error) {
      if (!(error instanceof NotLiteral)) throw error;
      const at = error.item ?? call.group;
      throw reader.fail(
        'python-not-literal',
        `An argument of dbt.${call.name}() is no literal: '${reader.code.slice(at.start, at.end)}' is known only when the model runs.`,
        at.start,
        'Names, numbers, True, False, None, and lists, tuples and dicts of these can stand there.',
        at.end - at.start,
      );
    }
  }
  return { positional, named };
}

interface Keys {
  readonly used: unknown[];
  readonly defaults: unknown[];
}

function readKey(reader: Reader, call: DbtCall, { positional }: Arguments, keys: Keys): void {
  if (positional.length === 0 || positional.length > 2)
    throw reader.fail(
      'invalid-python-call',
      `dbt.${call.name}() takes a name and perhaps a default, not ${positional.length} arguments.`,
      call.start,
    );
  keys.used.push(positional[0]);
  keys.defaults.push(positional[1] ?? null);
}

function readReference(reader: Reader, node: Node, call: DbtCall, { positional, named }: Arguments): void {
  const wrong = (what: string): UpsqlError => reader.fail('invalid-python-call', what, call.start);
  const texts = positional.filter((one) => typeof one === 'string');
  const [first, second] = texts;
  const whole = texts.length === positional.length && texts.length <= 2;
  if (call.name === 'source') {
    if (!whole || first === undefined || second === undefined || named.size > 0)
      throw wrong('dbt.source() takes the name of a source and that of one of its tables.');
    recordSource(node, [first, second]);
    return;
  }
  if (!whole || first === undefined)
    throw wrong('dbt.ref() takes the name of a model, or those of a package and a model.');
  const version = named.get('version') ?? named.get('v') ?? null;
  recordRef(node, {
    name: second ?? first,
    package: second === undefined ? null : first,
    version: typeof version === 'number' || typeof version === 'string' ? version : null,
  });
}

function configOf(reader: Reader, call: DbtCall, { positional, named }: Arguments): ConfigMap {
  const [only] = positional;
  if (positional.length === 0) return Object.fromEntries(named);
  if (positional.length === 1 && named.size === 0 && typeof only === 'object' && only !== null && !Array.isArray(only))
    return only as ConfigMap;
  throw reader.fail(
    'invalid-python-call',
    "dbt.config() takes named options, such as dbt.config(materialized='table'), or one dict.",
    call.start,
  );
}

/** Notes what the model's text says: its refs, sources, config, and the configs that it asks for. */
function readCode(parsed: ParsedProject, node: Node, reader: Reader): void {
  // What dbt_project.yml says of materializations is meant for SQL.
  parsed.configCalls.set(node.unique_id, { materialized: 'table' });
  const lines = linesOf(reader);
  if (lines.length === 0) return;
  const faults = functionFaults(lines);
  if (faults.length > 0)
    throw new UpsqlError(
      faults.map(({ message, hint, offset }) => reader.fault('invalid-python-model', message, offset, hint)),
    );
  const keys: Keys = { used: [], defaults: [] };
  const metaKeys: Keys = { used: [], defaults: [] };
  for (const call of dbtCalls(lines)) {
    const given = argumentsOf(reader, call);
    if (call.name === 'config') recordConfig(parsed, node, configOf(reader, call, given));
    else if (call.name === 'ref' || call.name === 'source') readReference(reader, node, call, given);
    else readKey(reader, call, given, call.name === 'config.get' ? keys : metaKeys);
  }
  if (keys.used.length === 0 && metaKeys.used.length === 0) return;
  recordConfig(parsed, node, {
    config_keys_used: keys.used,
    config_keys_defaults: keys.defaults,
    meta_keys_used: metaKeys.used,
    meta_keys_defaults: metaKeys.defaults,
  });
}

/** A `models/**\/*.py` file: `def model(dbt, session)`, whose `dbt` calls have literals for arguments. */
export function readPythonFile(parsed: ParsedProject, file: SourceText, createdAt: number): void {
  const name = stem(file.path);
  collect(
    parsed,
    () => {
      const reader = new Reader(file);
      const node = blank(parsed, 'model', file, name, reader.code, file.path, createdAt, { language: 'python' });
      parsed.origins.set(node.unique_id, { file: file.absolutePath, line: reader.line });
      readCode(parsed, node, reader);
      configureNode(parsed, node);
      addNode(parsed, node);
    },
    name,
  );
}

/**
 * Errors for what can't hold of a Python model: an enforced contract, since what it returns is known only when it has run;
 * to be ephemeral, since it is no query that others could take in.
 */
export function checkPythonModel(parsed: ParsedProject, node: Node): void {
  if (node.language !== 'python') return;
  const tell = (code: string, message: string, hint: string): void => {
    parsed.diagnostics.push(problem(code, message, { place: { ...originOf(parsed, node), column: 1 }, hint }));
  };
  if (node.contract?.enforced === true)
    tell(
      'python-contract',
      `The contract of '${node.name}' can't be enforced: it is a Python model.`,
      'Contracts are for SQL models: leave it out, or select from the Python model in a SQL model that has it.',
    );
  if (node.config.materialized === 'ephemeral')
    tell(
      'python-ephemeral',
      `'${node.name}' can't be ephemeral: it is a Python model.`,
      "Write dbt.config(materialized='table') or 'incremental'.",
    );
}
