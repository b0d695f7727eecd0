/** What parsing builds up and the runtime reads. */
import type { Dialect } from '../adapters/adapter.js';
import type { Diagnostic, Place } from '../diagnostics/index.js';
import type { Template } from '../jinja/index.js';
import type { Project } from '../project/project.js';
import type { ConfigMap } from './config.js';
import type { Lookup } from './lookup.js';
import type { MacroIndex } from './macros.js';
import type { Manifest, Node } from './node.js';
import type { ParseReads } from './reads.js';

/** What parsing needs to know of the warehouse without opening it. */
export interface AdapterFacts {
  readonly type: string;
  readonly dialect: Dialect;
  readonly database: string;
  readonly schema: string;
}

export interface Invocation {
  readonly id: string;
  readonly startedAt: Date;
  /** The command and its flags as `invocation_args_dict`, `flags` and run_results show them; no secrets. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** The file (absolute), line and column of the first character of a node's `raw_code`; column 1 where none is given. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

export interface ParsedProject {
  readonly project: Project;
  readonly adapter: AdapterFacts;
  readonly invocation: Invocation;
  readonly manifest: Manifest;
  readonly macros: MacroIndex;
  readonly diagnostics: Diagnostic[];
  /** Compiled templates by unique_id. */
  readonly templates: Map<string, Template>;
  /** `config()` calls by unique_id. */
  readonly configCalls: Map<string, ConfigMap>;
  /** Where a node's text begins: file (absolute) and the line of raw_code's first character. */
  readonly origins: Map<string, Origin>;
  /** Generic tests: the arguments that `{{ test_x(**kwargs) }}` gets, unrendered. */
  readonly testArguments: Map<string, Readonly<Record<string, unknown>>>;
  /** Where entries of properties YAML stand, by the unique_id of the node they made. */
  readonly places: Map<string, Place>;
  /** Names of files that could not be read: a ref to one of them is not told as a second error. */
  readonly broken: Set<string>;
  /** Fixture files of unit tests: absolute paths by `package.name`. */
  readonly fixtures: Map<string, string>;
  /** What was looked at besides the files. */
  readonly reads: ParseReads;
  lookup: Lookup;
}

/** What is known of nodes besides the manifest, with no node yet. */
export function noTables(): Pick<
  ParsedProject,
  'templates' | 'configCalls' | 'origins' | 'testArguments' | 'places' | 'broken'
> {
  return {
    templates: new Map(),
    configCalls: new Map(),
    origins: new Map(),
    testArguments: new Map(),
    places: new Map(),
    broken: new Set(),
  };
}

/** The absolute path of a node's own file and the line at which its code starts. */
export function originOf(parsed: ParsedProject, node: Node): Origin {
  return parsed.origins.get(node.unique_id) ?? { file: node.original_file_path, line: 1 };
}
