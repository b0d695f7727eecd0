/** What `src/run` needs of a parsed project to execute nodes; made by `createRuntime`. */
import type { Session } from '../adapters/adapter.js';
import type { Node, SourceNode } from './node.js';
import type { CatalogRow } from './runtime/catalog.js';
import type { UnitTestRows } from './runtime/unit-tests/index.js';

export type { UnitCell, UnitRow, UnitTestRows } from './runtime/unit-tests/index.js';

/** A relation as materializations return it. */
export interface BuiltRelation {
  readonly database: string | null;
  readonly schema: string | null;
  readonly identifier: string | null;
  readonly type: string | null;
  /** As it stands in SQL. */
  readonly rendered: string;
}

export interface AdapterResponse {
  readonly _message: string;
  readonly code?: string;
  readonly rows_affected?: number;
  readonly query_id?: string;
}

export interface HowToMaterialize {
  /** In place of the node's own, such as `clone`. */
  readonly materialization?: string;
  /** `is_incremental()` is true and a full refresh is not asked for. */
  readonly isIncremental?: boolean;
}

export interface MaterializationOutcome {
  readonly relations: readonly BuiltRelation[];
  readonly response: AdapterResponse;
}

export interface TestOutcome {
  readonly failures: number;
  readonly shouldWarn: boolean;
  readonly shouldError: boolean;
  /** The warehouse's answer to the test's query. */
  readonly response?: AdapterResponse;
}

/** How old a source is: its newest row, and the moment of asking, as ISO texts in UTC. */
export interface SourceAge {
  readonly maxLoadedAt: string;
  readonly snapshottedAt: string;
  /** Seconds between the two. */
  readonly age: number;
  readonly response: AdapterResponse;
}

/** What a unit test compares: the rows of its query and the expected ones, with the columns that the latter name. */
export interface UnitTestOutcome extends UnitTestRows {
  readonly response?: AdapterResponse;
}

/** A node's result as `results` of on-run-end shows it, by dbt's names. */
export interface HookResult {
  readonly status: string;
  readonly node: Node;
  readonly [field: string]: unknown;
}

export interface Runtime {
  /**
   * Renders a node's SQL with `execute` true and puts the CTEs of ephemeral refs in front: sets `compiled`, `compiled_code`,
   * `extra_ctes`, and writes `target/compiled/...`. Ephemeral refs are compiled on the way. Throws UpsqlError with the place.
   */
  compile(node: Node, session: Session): Promise<void>;
  /** Compiles a query that is no file of the project (`--inline`, `show`). */
  compileInline(sql: string, session: Session): Promise<string>;
  /** Runs the materialization macro of a compiled model, seed or snapshot, pre and post hooks included. */
  materialize(node: Node, session: Session, how?: HowToMaterialize): Promise<MaterializationOutcome>;
  /** Whether there is a schema; the answer of the first question is kept for the run. */
  schemaExists(database: string, schema: string, session: Session): Promise<boolean>;
  /** The type of a node's own relation in the warehouse (`table`, `view`); null when there is none. */
  existing(node: Node, session: Session): Promise<string | null>;
  /** Runs a compiled data test by the `test` materialization. */
  test(node: Node, session: Session): Promise<TestOutcome>;
  /** Asks for the newest row of a source. Throws UpsqlError or DatabaseError. */
  freshness(source: SourceNode, session: Session): Promise<SourceAge>;
  /** Runs a compiled unit test by the `unit` materialization and gives both sides of its comparison. */
  unitTest(node: Node, session: Session): Promise<UnitTestOutcome>;
  /** What the warehouse knows of relations of one database, a row a column, by the catalog macros. */
  catalog(nodes: readonly (Node | SourceNode)[], session: Session): Promise<readonly CatalogRow[]>;
  /**
   * A session whose statements carry the query comment of work that serves no single node, such as a load of files;
   * `type` is that of another warehouse than the project's.
   */
  commented(session: Session, type?: string): Session;
  /** Creates the schemas that `nodes` go to and fills the relation cache, with as few statements as it takes. */
  prepare(nodes: readonly Node[], session: Session): Promise<void>;
  /** `on-run-start` and `on-run-end` statements of the root project and packages, as operation nodes in order. */
  hooks(kind: 'on-run-start' | 'on-run-end'): readonly Node[];
  /** Runs one hook; `results` is given to on-run-end's context. */
  runHook(hook: Node, session: Session, results: readonly HookResult[]): Promise<void>;
  /** Calls a macro by name (`run-operation`), giving its value as plain JS. */
  callMacro(name: string, args: Readonly<Record<string, unknown>>, session: Session): Promise<unknown>;
}
