import type { Adapter } from '../adapters/adapter.js';
import type { Place } from '../diagnostics/index.js';
import type { Graph, Selector } from '../graph/index.js';
import type { Manifest, Node } from '../parse/node.js';
import type { Runtime } from '../parse/runtime.js';
import type { Project } from '../project/project.js';

/** A parsed project with its graph. */
export interface Reading {
  readonly project: Project;
  readonly manifest: Manifest;
  readonly graph: Graph;
  /** Of selectors.yml, by name. */
  readonly selectors?: ReadonlyMap<string, Selector>;
}

/** What a command works on: a parsed project with its graph and an opened warehouse. */
export interface Engine extends Reading {
  readonly runtime: Runtime;
  readonly adapter: Adapter;
  /** False where the project has a microbatch macro of its own, which builds such models at once. */
  readonly usesBatches?: boolean;
  /** A run begins, on these nodes: what `selected_resources` gives in templates. */
  readonly onStart?: (ids: readonly string[]) => void;
  /** The run was stopped: what is not a statement (a TypeScript model) ends too. */
  readonly onStop?: () => void;
  /** Tells something about a node under its name in the output. */
  readonly tell?: (node: Node, message: string) => void;
  /** The absolute path of a node's own file and the line at which its code starts. */
  readonly origin?: (node: Node) => { readonly file: string; readonly line: number };
  /** Where a node that is written in YAML stands there. */
  readonly place?: (uniqueId: string) => Place | undefined;
}
