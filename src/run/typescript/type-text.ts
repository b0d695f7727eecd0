/** Splits at commas that stand in no brackets or quotes. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') quoted = !quoted;
    else if (!quoted && (c === '(' || c === '[')) depth += 1;
    else if (!quoted && (c === ')' || c === ']')) depth -= 1;
    else if (!quoted && c === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** A property's name, quoted where TypeScript needs it. */
export function propertyKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name)
    ? name
    : `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

function structType(fields: string): string {
  const properties = splitTop(fields).map((field) => {
    const m = /^(?:"((?:[^"]|"")*)"|(\S+))\s+([\s\S]+)$/.exec(field);
    const name = (m?.[1] ?? m?.[2] ?? field).replaceAll('""', '"');
    return `${propertyKey(name)}: ${typescriptType(m?.[3] ?? '')} | null`;
  });
  return `{ ${properties.join('; ')} }`;
}

/**
 * The TypeScript type of a warehouse type, as models and Kysely read it: `number` for integers, decimals and floats,
 * `string` for text, dates, times, intervals, UUID, JSON and enums, `boolean`, `Uint8Array` for bytes, and arrays,
 * objects and records for nested types; `unknown` for what has no fixed shape.
 */
export function typescriptType(type: string): string {
  const text = type.trim();
  const list = /^([\s\S]*)\[\d*\]$/.exec(text)?.[1];
  if (list !== undefined) return `(${typescriptType(list)} | null)[]`;
  const nested = /^(STRUCT|MAP)\s*\(([\s\S]*)\)$/i.exec(text);
  if (nested?.[1]?.toUpperCase() === 'STRUCT') return structType(nested[2] ?? '');
  if (nested) return `Record<string, ${typescriptType(splitTop(nested[2] ?? '')[1] ?? '')} | null>`;
  const name = text.replace(/\(.*$/s, '').trim().toUpperCase();
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?\d?|INT\d+|BYTEINT|BIGNUM|DECIMAL|DEC|NUMERIC|NUMBER|FIXED)$/.test(name))
    return 'number';
  if (/^(UINTEGER|FLOAT\d*|REAL|DOUBLE( PRECISION)?|DECFLOAT)$/.test(name)) return 'number';
  if (/^BOOL(EAN)?$/.test(name)) return 'boolean';
  if (/^(BLOB|BYTEA|BINARY|VARBINARY)$/.test(name)) return 'Uint8Array';
  if (/^(VARCHAR|CHAR|CHARACTER|BPCHAR|NVARCHAR|STRING|TEXT|UUID|JSON|ENUM|BIT|BITSTRING|INTERVAL)$/.test(name))
    return 'string';
  return /^(DATE|TIME|DATETIME|TIMESTAMP)/.test(name) ? 'string' : 'unknown';
}
