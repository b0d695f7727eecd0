/** Compiling a unit test: the tested model's query over fixtures that stand in, as CTEs, for what it reads. */
import type { Session } from '../../../adapters/adapter.js';
import type { Node } from '../../node.js';
import { originOf } from '../../state.js';
import { injectCteTexts } from '../ephemeral.js';
import { createFixtures } from './fixtures.js';
import { fault, testedModel, type UnitTestHost, unitTestOf } from './host.js';
import { type Input, readInputs } from './inputs.js';
import { inputMembers, overrideMacros } from './members.js';

/** Renders a unit test: sets `compiled_code` and `extra_ctes` and writes the files below `target/compiled`. */
export async function compileUnitTest(host: UnitTestHost, node: Node, session: Session): Promise<void> {
  const { parsed } = host;
  const test = unitTestOf(parsed, node);
  const model = testedModel(parsed, test);
  if (model.language !== 'sql')
    throw fault(
      parsed.places.get(test.unique_id),
      `Unit test '${test.name}' is on '${model.name}', which is no SQL model.`,
      'Test what a model in Python or TypeScript computes by calling its function from a test of your own.',
    );
  // The text is the model's, so what goes wrong in it is at a line of the model's file.
  parsed.origins.set(node.unique_id, originOf(parsed, model));
  const inputs = readInputs(host, test, model, node);
  const ctes = new Map<string, { id: string; sql: string }>();
  const fixtures = createFixtures(host, test, node, inputs, session, ctes);
  const own = inputs.get(model.unique_id);
  if (own !== undefined) await fixtures.render(own);
  const used: Input[] = [];
  const scope = host.scope(
    node,
    session,
    inputMembers(host, test, model, node, inputs, used, () => scope),
  );
  overrideMacros(host, test, node, scope);
  const sql = await host.template(model).render(scope);
  for (const input of used) await fixtures.render(input);
  node.extra_ctes = [...ctes.values()];
  node.compiled_code = injectCteTexts(sql, node.extra_ctes);
  node.extra_ctes_injected = true;
  node.compiled = true;
  node.compiled_path = host.write(node, node.compiled_code);
}
