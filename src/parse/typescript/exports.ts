import type { Expression, Program } from 'oxc-parser';
import type { Span } from './literal.js';

/** What a module exports under a name: the expression or declaration, and where its name stands. */
export interface Exported {
  readonly span: Span;
  readonly value: Expression | Declared;
}

/** An export that has no expression: a function or class declaration, or a name that comes from another file. */
export interface Declared {
  readonly type: 'function' | 'class' | 'type' | 'elsewhere' | 'unset';
}

function declared(type: Declared['type']): Declared {
  return { type };
}

/** What a name at the top level of the module stands for. */
function topLevel(program: Program): Map<string, Exported> {
  const names = new Map<string, Exported>();
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') {
      for (const { local } of statement.specifiers)
        names.set(local.name, { span: local, value: declared('elsewhere') });
      continue;
    }
    const node =
      statement.type === 'ExportNamedDeclaration' && statement.declaration ? statement.declaration : statement;
    if (node.type === 'VariableDeclaration') {
      for (const { id, init } of node.declarations)
        if (id.type === 'Identifier') names.set(id.name, { span: id, value: init ?? declared('unset') });
    } else if (node.type === 'FunctionDeclaration' && node.id) {
      names.set(node.id.name, { span: node.id, value: declared('function') });
    } else if (node.type === 'ClassDeclaration' && node.id) {
      names.set(node.id.name, { span: node.id, value: declared('class') });
    }
  }
  return names;
}

function followName(value: Exported['value'], names: ReadonlyMap<string, Exported>, depth = 0): Exported['value'] {
  const next = value.type === 'Identifier' && depth < 10 ? names.get(value.name) : undefined;
  return next === undefined ? value : followName(next.value, names, depth + 1);
}

/** The value exports of a module by name, `default` among them; types are left out. */
export function exportsOf(program: Program): ReadonlyMap<string, Exported> {
  const names = topLevel(program);
  const exported = new Map<string, Exported>();
  for (const statement of program.body) {
    if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      const value =
        declaration.type === 'FunctionDeclaration' || declaration.type === 'TSDeclareFunction'
          ? declared('function')
          : declaration.type === 'ClassDeclaration'
            ? declared('class')
            : declaration.type === 'TSInterfaceDeclaration'
              ? declared('type')
              : followName(declaration as Expression, names);
      exported.set('default', { span: declaration, value });
    } else if (statement.type === 'ExportNamedDeclaration' && statement.exportKind !== 'type') {
      if (statement.declaration?.type === 'VariableDeclaration') {
        for (const { id } of statement.declaration.declarations) {
          const found = id.type === 'Identifier' ? names.get(id.name) : undefined;
          if (found && id.type === 'Identifier') exported.set(id.name, found);
        }
      } else if (statement.declaration?.type === 'FunctionDeclaration' && statement.declaration.id) {
        exported.set(statement.declaration.id.name, { span: statement.declaration.id, value: declared('function') });
      }
      for (const { local, exported: as, exportKind } of statement.specifiers) {
        if (exportKind === 'type') continue;
        const name = as.type === 'Literal' ? as.value : as.name;
        const own = local.type === 'Literal' || statement.source ? undefined : names.get(local.name);
        exported.set(name, { span: as, value: own ? followName(own.value, names) : declared('elsewhere') });
      }
    }
  }
  return exported;
}
