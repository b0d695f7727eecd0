import { DefaultQueryCompiler, type IdentifierNode } from 'kysely';
import type { Dialect } from '../adapter.js';
import { quoteName } from '../names.js';

/** SQL in a warehouse's dialect, with `?` for parameters. */
export class WarehouseQueryCompiler extends DefaultQueryCompiler {
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    super();
    this.#dialect = dialect;
  }

  protected override getCurrentParameterPlaceholder(): string {
    return '?';
  }

  protected override visitIdentifier(node: IdentifierNode): void {
    this.append(quoteName(this.#dialect, node.name));
  }
}
