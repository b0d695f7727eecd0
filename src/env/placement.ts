/** Puts nodes of a manifest where an environment has them, so that everything that builds, tests and reads them goes there. */
import type { Node } from '../parse/node.js';
import type { Engine } from '../run/engine.js';
import { environmentSchema, type Place, placeOfNode, render } from './names.js';

/** Where nodes are in production, by id; before they are placed anywhere else. */
export function productionNames({ manifest }: Pick<Engine, 'manifest'>): ReadonlyMap<string, Place> {
  return new Map(Object.values(manifest.nodes).map((node) => [node.unique_id, placeOfNode(node)]));
}

export interface Placement {
  move(node: Node, place: Place): void;
  /** Changes other properties, until all is put back. */
  amend(node: Node, change: Partial<Pick<Node, 'columns' | 'constraints'>>): void;
  /** How many were moved. */
  count(): number;
  /** Puts everything back. */
  undo(): void;
}

export function createPlacement(engine: Pick<Engine, 'adapter' | 'project'>): Placement {
  const moved: (() => void)[] = [];
  return {
    move(node, place) {
      const { database, schema, alias, relation_name } = node;
      moved.push(() => Object.assign(node, { database, schema, alias, relation_name }));
      node.database = place.database;
      node.schema = place.schema;
      node.alias = place.identifier;
      if (relation_name !== null) node.relation_name = render(engine, place);
    },
    amend(node, change) {
      const { columns, constraints } = node;
      moved.push(() => Object.assign(node, { columns, constraints }));
      Object.assign(node, change);
    },
    count: () => moved.length,
    undo() {
      for (const back of moved.reverse()) back();
      moved.length = 0;
    },
  };
}

/** The rows of failed tests are kept apart from production's. Gives the places, by test. */
export function placeTests(engine: Engine, environment: string, placement: Placement): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const node of Object.values(engine.manifest.nodes)) {
    if (node.resource_type !== 'test' || node.schema === null) continue;
    const place = { ...placeOfNode(node), schema: environmentSchema(node.schema, environment) };
    placement.move(node, place);
    places.set(node.unique_id, place);
  }
  return places;
}
