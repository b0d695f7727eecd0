/** Ways into the parser's JSON tree, which has no types that hold from release to release. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };
export type Branch = { readonly [key: string]: Tree };

export function isBranch(tree: Tree | undefined): tree is Branch {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree);
}

export function listOf(tree: Tree | undefined): readonly Tree[] {
  return Array.isArray(tree) ? tree : [];
}

/** The tree below a path of keys; undefined where a key is missing. */
export function below(tree: Tree | undefined, ...path: readonly string[]): Tree | undefined {
  let at = tree;
  for (const key of path) at = isBranch(at) ? at[key] : undefined;
  return at;
}

/** An enum value with content, `{Kind: content}`, or without, `"Kind"`. */
export function variant(tree: Tree | undefined): readonly [string, Tree] | undefined {
  if (typeof tree === 'string') return [tree, null];
  return isBranch(tree) ? Object.entries(tree)[0] : undefined;
}

/** The name in an identifier, plain (`{value}`) or wrapped (`{Identifier: {value}}`). */
export function nameIn(tree: Tree | undefined): string | undefined {
  const value = below(tree, 'value') ?? below(tree, 'Identifier', 'value');
  return typeof value === 'string' ? value : undefined;
}

/** The parts of a dotted name. */
export function namesIn(tree: Tree | undefined): readonly string[] {
  return listOf(tree).flatMap((part) => nameIn(part) ?? []);
}
