/**
 * Query results in templates, with the parts of agate's Table that dbt projects use: `columns`, `rows`, `column_names`,
 * `print_table()`, and row and column access by position and by name.
 */
import type { QueryResult } from '../../adapters/adapter.js';
import { Dict, HostObject, hostFunction, isTruthy, PySet, str, Tuple, toJinja } from '../../jinja/index.js';
import { sqlToJinja } from './sql-value.js';

interface TableData {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** A sequence whose members can also be had by name: agate's MappedSequence. */
class MappedSequence extends HostObject {
  constructor(
    readonly kind: 'Row' | 'Column' | 'Columns' | 'Rows',
    readonly keys: readonly string[] | null,
    readonly values: readonly unknown[],
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super();
  }

  override get typeName(): string {
    return this.kind;
  }

  override str(): string {
    return `<agate.${this.kind}: (${this.values.map((v) => str(v)).join(', ')})>`;
  }

  override length(): number {
    return this.values.length;
  }

  override iterate(): Iterable<unknown> {
    return this.values;
  }

  override getItem(key: unknown): unknown {
    if (typeof key === 'number') return this.values[key < 0 ? this.values.length + key : key];
    const at = this.keys?.indexOf(str(key)) ?? -1;
    return at === -1 ? undefined : this.values[at];
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'values':
        return hostFunction(name, [], () => new Tuple([...this.values]));
      case 'keys':
        return hostFunction(name, [], () => [...(this.keys ?? [])]);
      case 'items':
        return hostFunction(name, [], () => (this.keys ?? []).map((key, i) => toJinja([key, this.values[i]])));
      case 'dict':
        return hostFunction(name, [], () => new Dict((this.keys ?? []).map((key, i) => [key, this.values[i]])));
      case 'get':
        return hostFunction(
          name,
          ['key', ['default', null]],
          (key: unknown, fallback: unknown) => this.getItem(key) ?? fallback,
        );
      default:
        return Object.hasOwn(this.extra, name) ? this.extra[name] : undefined;
    }
  }
}

export class TableValue extends HostObject {
  constructor(readonly data: TableData) {
    super();
  }

  static fromResult(result: QueryResult): TableValue {
    const types = result.columns.map((c) => c.type);
    return new TableValue({
      names: result.columns.map((c) => c.name),
      types,
      rows: result.rows.map((row) => row.map((value, i) => sqlToJinja(value, types[i] ?? ''))),
    });
  }

  static empty(): TableValue {
    return new TableValue({ names: [], types: [], rows: [] });
  }

  override get typeName(): string {
    return 'Table';
  }

  override str(): string {
    return `<agate.Table: ${this.data.names.length} columns, ${this.data.rows.length} rows>`;
  }

  override length(): number {
    return this.data.rows.length;
  }

  override iterate(): Iterable<unknown> {
    return this.#rows().values;
  }

  #rows(): MappedSequence {
    const { names, rows } = this.data;
    return new MappedSequence(
      'Rows',
      null,
      rows.map((row) => new MappedSequence('Row', names, row)),
    );
  }

  #column(index: number): MappedSequence {
    const name = this.data.names[index] ?? '';
    const values = this.data.rows.map((row) => row[index]);
    return new MappedSequence('Column', null, values, {
      name,
      index,
      data_type: this.data.types[index] ?? '',
      values_without_nulls: hostFunction('values_without_nulls', [], () => new Tuple(values.filter((v) => v !== null))),
      values_distinct: hostFunction('values_distinct', [], () => new PySet(values)),
    });
  }

  #pick(names: readonly string[]): TableValue {
    const at = names.map((n) => this.data.names.indexOf(n)).filter((i) => i >= 0);
    return new TableValue({
      names: at.map((i) => this.data.names[i] ?? ''),
      types: at.map((i) => this.data.types[i] ?? ''),
      rows: this.data.rows.map((row) => at.map((i) => row[i])),
    });
  }

  #text(maxRows: number): string {
    const cells = [
      this.data.names,
      ...this.data.rows.slice(0, maxRows).map((row) => row.map((v) => (v === null ? '' : str(v)))),
    ];
    const widths = this.data.names.map((_, i) => Math.max(...cells.map((row) => String(row[i] ?? '').length)));
    const line = (row: readonly unknown[]) =>
      `| ${row.map((v, i) => String(v ?? '').padEnd(widths[i] ?? 0)).join(' | ')} |`;
    return [
      line(cells[0] ?? []),
      `| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`,
      ...cells.slice(1).map(line),
    ].join('\n');
  }

  override getAttribute(name: string): unknown {
    const { names, types, rows } = this.data;
    switch (name) {
      case 'rows':
        return this.#rows();
      case 'columns':
        return new MappedSequence(
          'Columns',
          names,
          names.map((_, i) => this.#column(i)),
        );
      case 'column_names':
        return new Tuple([...names]);
      case 'column_types':
        return new Tuple([...types]);
      case 'print_table':
        return hostFunction(name, [['max_rows', 20], '**kwargs'], (max: unknown) => {
          this.onPrint?.(this.#text(typeof max === 'number' ? max : rows.length));
          return null;
        });
      case 'select':
      case 'exclude':
        return hostFunction(name, ['key'], (key: unknown) => {
          const asked = (Array.isArray(key) ? key : [key]).map((k) => str(k));
          return this.#pick(name === 'select' ? asked : names.filter((n) => !asked.includes(n)));
        });
      case 'rename':
        return hostFunction(name, [['column_names', null], '**kwargs'], (given: unknown) => {
          const renamed = names.map((n, i) =>
            given instanceof Dict ? str(given.get(n) ?? n) : Array.isArray(given) ? str(given[i] ?? n) : n,
          );
          return new TableValue({ names: renamed, types, rows });
        });
      case 'limit':
        return hostFunction(name, ['start_or_stop', ['stop', null]], (start: unknown, stop: unknown) => {
          const [from, to] = stop === null ? [0, Number(start)] : [Number(start), Number(stop)];
          return new TableValue({ names, types, rows: rows.slice(from, to) });
        });
      case 'where':
        return hostFunction(name, ['test'], () => {
          throw new Error('where() with a function is not available in templates; filter the rows with selectattr');
        });
      case 'distinct':
        return hostFunction(name, [['key', null]], (key: unknown) => {
          const at = key === null ? null : names.indexOf(str(key));
          const seen = new Set<string>();
          const kept = rows.filter((row) => {
            const id = at === null ? row.map((v) => str(v)).join('\u0000') : str(row[at] ?? null);
            return seen.has(id) ? false : isTruthy(seen.add(id).size);
          });
          return new TableValue({ names, types, rows: kept });
        });
      default:
        return undefined;
    }
  }

  /** Where `print_table()` writes; set by the scope that made the table. */
  onPrint: ((text: string) => void) | undefined;
}
