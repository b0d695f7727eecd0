/** What a parse has looked at besides its files: what a kept parse must check before it is used again. */

/** Members of the context that differ from one invocation to the next. */
const CHANGING = new Set(['run_started_at', 'invocation_id', 'flags', 'invocation_args_dict', 'modules', 'builtins']);

export class ParseReads {
  /** Names of environment variables that `env_var()` was asked for. */
  readonly env = new Set<string>();
  /** Nodes whose own text, or a macro that it called, read something of the invocation. */
  readonly changingNodes = new Set<string>();
  /** Something that belongs to no single node read something of the invocation. */
  changing = false;
  /** A template said something by `print()`, which a flag of the command keeps quiet. */
  print = false;
  /** A template read `graph`, so that what it gives hangs on all files. */
  graph = false;

  /** Notes that a name of the context was looked up, on behalf of a node or of none. */
  member(name: string, nodeId: string | undefined): void {
    if (name === 'graph') this.graph = true;
    else if (CHANGING.has(name)) {
      if (nodeId === undefined) this.changing = true;
      else this.changingNodes.add(nodeId);
    }
  }
}
