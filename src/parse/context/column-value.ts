/** `Column` objects in templates, and `api.Column`. */
import type { ColumnInfo } from '../../adapters/adapter.js';
import { type CallArguments, HostObject, hostFunction, str } from '../../jinja/index.js';

const STRINGS = new Set(['text', 'character varying', 'character', 'varchar']);
const FLOATS = new Set(['real', 'float4', 'float', 'double precision', 'float8', 'double']);
const INTEGERS = new Set(
  (
    'tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint int1 int2 int4 int8 short int signed long ' +
    'smallserial serial bigserial serial2 serial4 serial8 byteint'
  ).split(' '),
);
const NUMERICS = new Set(['numeric', 'decimal', 'number']);

/** `DECIMAL(18,2)` as its name and its arguments. */
function parseType(text: string): { name: string; args: number[] } {
  const match = /^\s*([^()]+?)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\s*$/.exec(text);
  if (match === null) return { name: text, args: [] };
  return { name: match[1] ?? text, args: [match[2], match[3]].filter((a) => a !== undefined).map(Number) };
}

/** The fields of `STRUCT(a INTEGER, b STRUCT(c VARCHAR))`; none for another type. */
function structFields(type: string): { name: string; type: string }[] {
  const inside = /^struct\((.*)\)/is.exec(type)?.[1];
  if (inside === undefined) return [];
  const fields: string[] = [];
  let depth = 0;
  let field = '';
  for (const char of inside) {
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    if (char === ',' && depth === 0) {
      fields.push(field.trim());
      field = '';
    } else field += char;
  }
  fields.push(field.trim());
  return fields.map((text) => {
    const at = text.indexOf(' ');
    return { name: text.slice(0, at), type: text.slice(at + 1) };
  });
}

interface Sizes {
  readonly size?: number | null;
  readonly precision?: number | null;
  readonly scale?: number | null;
}

export class ColumnValue extends HostObject {
  readonly #dtype: string;
  readonly #size: number | null;
  readonly #precision: number | null;
  readonly #scale: number | null;

  /** @param dtype the type as `dtype` gives it; sizes are known beside it or not at all */
  constructor(
    readonly name: string,
    dtype: string,
    { size = null, precision = null, scale = null }: Sizes = {},
  ) {
    super();
    this.#dtype = dtype;
    this.#size = size;
    this.#precision = precision;
    this.#scale = scale;
  }

  /** A column of a type with its sizes in parentheses. */
  static described(name: string, type: string): ColumnValue {
    const { name: dtype, args } = parseType(type);
    const [first = null, second = null] = args;
    return new ColumnValue(name, dtype, args.length === 1 ? { size: first } : { precision: first, scale: second });
  }

  /** A column of the warehouse. On DuckDB `dtype` is the whole type (`DECIMAL(18,2)`), as in dbt-duckdb. */
  static from(info: ColumnInfo, adapterType: string): ColumnValue {
    if (adapterType === 'duckdb') return new ColumnValue(info.name, info.dataType);
    const { name, args } = parseType(info.dataType);
    const lower = name.toLowerCase();
    if (STRINGS.has(lower)) return new ColumnValue(info.name, name, { size: args[0] ?? null });
    if (!NUMERICS.has(lower) || args.length === 0) return new ColumnValue(info.name, info.dataType);
    return new ColumnValue(info.name, name, { precision: args[0] ?? null, scale: args[1] ?? 0 });
  }

  get dtype(): string {
    return this.#dtype;
  }

  get isString(): boolean {
    return STRINGS.has(this.#dtype.toLowerCase());
  }

  get stringSize(): number {
    return this.#size ?? 256;
  }

  /** The type as it stands in DDL. */
  get dataType(): string {
    if (this.isString) return `character varying(${this.stringSize})`;
    if (NUMERICS.has(this.#dtype.toLowerCase()) && this.#precision !== null && this.#scale !== null)
      return `${this.#dtype}(${this.#precision},${this.#scale})`;
    return this.#dtype;
  }

  override get typeName(): string {
    return 'Column';
  }

  override str(): string {
    return `<Column ${this.name} (${this.dataType})>`;
  }

  override equals(other: unknown): boolean {
    return other instanceof ColumnValue && other.name === this.name && other.dataType === this.dataType;
  }

  override getAttribute(name: string): unknown {
    const lower = this.#dtype.toLowerCase();
    switch (name) {
      case 'name':
      case 'column':
        return this.name;
      case 'dtype':
        return this.#dtype;
      case 'data_type':
      case 'expanded_data_type':
        return this.dataType;
      case 'quoted':
        return `"${this.name}"`;
      case 'char_size':
        return this.#size;
      case 'numeric_precision':
        return this.#precision;
      case 'numeric_scale':
        return this.#scale;
      case 'is_string':
        return hostFunction(name, [], () => this.isString);
      case 'is_float':
        return hostFunction(name, [], () => FLOATS.has(lower));
      case 'is_integer':
        return hostFunction(name, [], () => INTEGERS.has(lower));
      case 'is_numeric':
        return hostFunction(name, [], () => NUMERICS.has(lower));
      case 'is_number':
        return hostFunction(name, [], () => FLOATS.has(lower) || INTEGERS.has(lower) || NUMERICS.has(lower));
      case 'string_size':
        return hostFunction(name, [], () => {
          if (!this.isString) throw new Error('string_size() is for text columns only');
          return this.stringSize;
        });
      case 'can_expand_to':
        return hostFunction(
          name,
          ['other_column'],
          (other: unknown) => other instanceof ColumnValue && this.canExpandTo(other),
        );
      case 'literal':
        return hostFunction(name, ['value'], (value: unknown) => `${str(value)}::${this.dataType}`);
      case 'flatten':
        return hostFunction(name, [], () => this.flattened());
      case 'is_struct':
        return hostFunction(name, [], () => this.#isStruct);
      case 'fields':
        return structFields(this.#dtype).map((field) => new ColumnValue(field.name, field.type));
      default:
        return factoryAttribute(name);
    }
  }

  get #isStruct(): boolean {
    return this.#dtype.toLowerCase().startsWith('struct');
  }

  /** The fields of a struct as columns `struct.field`, nested ones too; the column itself where it is none. */
  flattened(): ColumnValue[] {
    if (!this.#isStruct) return [this];
    return structFields(this.#dtype).flatMap(({ name, type }) =>
      new ColumnValue(`${this.name}.${name}`, type).flattened(),
    );
  }

  canExpandTo(other: ColumnValue): boolean {
    return this.isString && other.isString && other.stringSize > this.stringSize;
  }
}

function factoryAttribute(name: string): unknown {
  switch (name) {
    case 'create':
      return hostFunction(
        name,
        ['name', 'label_or_dtype'],
        (column: unknown, type: unknown) => new ColumnValue(str(column), translateType(str(type))),
      );
    case 'translate_type':
      return hostFunction(name, ['dtype'], (type: unknown) => translateType(str(type)));
    case 'string_type':
      return hostFunction(name, ['size'], (size: unknown) => `character varying(${str(size)})`);
    case 'numeric_type':
      return hostFunction(name, ['dtype', 'precision', 'scale'], (type: unknown, precision: unknown, scale: unknown) =>
        precision === null || scale === null ? str(type) : `${str(type)}(${str(precision)},${str(scale)})`,
      );
    case 'from_description':
      return hostFunction(name, ['name', 'raw_data_type'], (column: unknown, type: unknown) =>
        ColumnValue.described(str(column), str(type)),
      );
    default:
      return undefined;
  }
}

function translateType(type: string): string {
  return type.toUpperCase() === 'STRING' ? 'TEXT' : type;
}

/** `api.Column` and `adapter.Column`: can be called and has the class methods. */
export class ColumnFactory extends HostObject {
  override get typeName(): string {
    return 'Column';
  }

  override getAttribute(name: string): unknown {
    return factoryAttribute(name);
  }

  readonly #make = hostFunction(
    'Column',
    ['column', 'dtype', ['char_size', null], ['numeric_precision', null], ['numeric_scale', null]],
    (column: unknown, type: unknown, ...sizes: unknown[]) => {
      const [size, precision, scale] = sizes.map((given) => (given === null ? null : Number(str(given))));
      return new ColumnValue(str(column), str(type), { size, precision, scale });
    },
  );

  override call(args: CallArguments): unknown {
    return this.#make.call(args);
  }
}
