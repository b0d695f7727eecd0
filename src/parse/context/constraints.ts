/** DDL text of contract constraints: columns with their types and column constraints, then model constraints. */
import { fromJinja } from '../../jinja/index.js';

interface Constraint {
  readonly type?: string;
  readonly name?: string | null;
  readonly expression?: string | null;
  readonly columns?: readonly string[];
  readonly to?: string | null;
  readonly to_columns?: readonly string[];
}

function columnText(c: Constraint): string | undefined {
  const expression = c.expression ?? '';
  const list = (c.to_columns ?? []).join(', ');
  switch (c.type) {
    case 'check':
      return expression === '' ? undefined : `check (${expression})`;
    case 'not_null':
      return `not null ${expression}`.trim();
    case 'unique':
      return `unique ${expression}`.trim();
    case 'primary_key':
      return `primary key ${expression}`.trim();
    case 'foreign_key':
      if (c.to && list !== '') return `references ${c.to} (${list})`;
      return expression === '' ? undefined : `references ${expression}`;
    case 'custom':
      return expression === '' ? undefined : expression;
    default:
      return undefined;
  }
}

function modelText(c: Constraint): string | undefined {
  const prefix = c.name ? `constraint ${c.name} ` : '';
  const expression = c.expression ? ` ${c.expression}` : '';
  const list = (c.columns ?? []).join(', ');
  switch (c.type) {
    case 'check':
      return c.expression ? `${prefix}check (${c.expression})` : undefined;
    case 'unique':
      return `${prefix}unique${expression} (${list})`;
    case 'primary_key':
      return `${prefix}primary key${expression} (${list})`;
    case 'foreign_key': {
      const to =
        c.to && (c.to_columns ?? []).length > 0 ? `${c.to} (${(c.to_columns ?? []).join(', ')})` : c.expression;
      return to ? `${prefix}foreign key (${list}) references ${to}` : undefined;
    }
    case 'custom':
      return c.expression ? `${prefix}${c.expression}` : undefined;
    default:
      return undefined;
  }
}

const present = (text: string | undefined): text is string => text !== undefined;

/** One line a column: its name, its type, its constraints. */
export function columnConstraints(columns: unknown, quoteCharacter: string): string[] {
  const plain = (fromJinja(columns) ?? {}) as Record<
    string,
    { name: string; quote?: boolean | null; data_type?: string; constraints?: Constraint[] }
  >;
  return Object.values(plain).map((c) => {
    const name = c.quote ? `${quoteCharacter}${c.name}${quoteCharacter}` : c.name;
    return [`${name} ${c.data_type ?? ''}`.trim(), ...(c.constraints ?? []).map(columnText).filter(present)].join(' ');
  });
}

export function modelConstraintTexts(constraints: unknown): string[] {
  return ((fromJinja(constraints) ?? []) as Constraint[]).map(modelText).filter(present);
}
