import type { Session } from '../../../adapters/adapter.js';
import { type Place, problem, UpsqlError } from '../../../diagnostics/index.js';
import type { Template } from '../../../jinja/index.js';
import type { Members, NodeScope } from '../../context/scopes.js';
import type { Node, OtherNode } from '../../node.js';
import type { Relation } from '../../relation.js';
import type { ParsedProject } from '../../state.js';
import type { ColumnTypes } from './shapes.js';

/** What the runtime lends the running of a unit test. */
export interface UnitTestHost {
  readonly parsed: ParsedProject;
  /** The scope in which a node's text is rendered; `extra` go before its members. */
  scope(node: Node, session: Session, extra: Members): NodeScope;
  template(node: Node): Template;
  /** The columns of a relation by lower-case name; undefined when it is not there. */
  columns(relation: Relation, session: Session): Promise<ColumnTypes | undefined>;
  write(node: Node, sql: string): string;
  warn(node: Node, message: string, place: Place | undefined): void;
}

/** The definition that a node of a run stands for. */
export function unitTestOf(parsed: ParsedProject, node: Node): OtherNode {
  const test = parsed.manifest.unit_tests[node.unique_id];
  if (test === undefined) throw new Error(`${node.unique_id} is no unit test of this project`);
  return test;
}

/** The model that a unit test is on. */
export function testedModel(parsed: ParsedProject, test: OtherNode): Node {
  const model = parsed.manifest.nodes[test.depends_on?.nodes[0] ?? ''];
  if (model === undefined) throw new Error(`the model of ${test.unique_id} is missing`);
  return model;
}

/** A fault of a unit test that came up while it ran. */
export function fault(place: Place | undefined, message: string, hint?: string): UpsqlError {
  const more = { ...(place === undefined ? {} : { place }), ...(hint === undefined ? {} : { hint }) };
  return new UpsqlError(problem('invalid-unit-test', message, more), 1);
}
