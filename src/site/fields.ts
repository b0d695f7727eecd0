/** Typed access to a row, whatever the driver makes of numbers (bigint, decimal text) and dates (text, Date). */
export interface Fields {
  readonly number: (name: string) => number;
  readonly numberOrNull: (name: string) => number | null;
  readonly text: (name: string) => string;
  readonly date: (name: string) => string;
  readonly dateOrNull: (name: string) => string | null;
}

export function fields(row: Readonly<Record<string, unknown>>): Fields {
  const values = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
  const numberOrNull = (name: string): number | null => {
    const value = values.get(name);
    if (value === null || value === undefined) return null;
    const number = Number(value);
    return Number.isFinite(number) ? number : null;
  };
  const dateOrNull = (name: string): string | null => {
    const value = values.get(name);
    if (value === null || value === undefined) return null;
    return (value instanceof Date ? value.toISOString() : String(value)).slice(0, 10);
  };
  return {
    number: (name) => numberOrNull(name) ?? 0,
    numberOrNull,
    text: (name) => String(values.get(name) ?? ''),
    date: (name) => dateOrNull(name) ?? '',
    dateOrNull,
  };
}
