import type { Float } from '../values/float.js';

/** What every node of the syntax tree has; lines and columns count from 0, as in nunjucks. */
interface At<Type extends string> {
  readonly typename: Type;
  readonly lineno: number;
  readonly colno: number;
}

export type LiteralValue = string | number | bigint | boolean | null | Float;
export interface Literal extends At<'Literal'> {
  readonly value: LiteralValue;
}
export interface SymbolNode extends At<'Symbol'> {
  readonly value: string;
}
export interface ArrayNode extends At<'Array'> {
  readonly children: readonly Expression[];
}
/** A tuple: nunjucks' group, which keeps its items. */
export interface TupleNode extends At<'Group'> {
  readonly children: readonly Expression[];
}
export interface Pair extends At<'Pair'> {
  readonly key: Expression;
  readonly value: Expression;
}
export interface DictNode extends At<'Dict'> {
  readonly children: readonly Pair[];
}
/** Keyword arguments: pairs of a literal name and an expression. */
export interface KeywordArgs extends At<'KeywordArgs'> {
  readonly children: readonly Pair[];
}
export interface Splat extends At<'Splat'> {
  readonly value: Expression;
}
export interface KeywordSplat extends At<'KeywordSplat'> {
  readonly value: Expression;
}
export interface Arguments extends At<'NodeList'> {
  readonly children: readonly Argument[];
}
export type Argument = Expression | KeywordArgs | Splat | KeywordSplat;
/** `target[val]`. */
export interface Lookup extends At<'LookupVal'> {
  readonly target: Expression;
  readonly val: Expression | Slice;
}
/** `target.name`. */
export interface Attribute extends At<'Attribute'> {
  readonly target: Expression;
  readonly name: string;
}
export interface Slice extends At<'Slice'> {
  readonly start: Expression | null;
  readonly stop: Expression | null;
  readonly step: Expression | null;
}
export interface Call extends At<'FunCall'> {
  readonly name: Expression;
  readonly args: Arguments;
}
/** A filter; `target` is null at the start of a `filter` or `set` block, where the block's text comes in. */
export interface Filter extends At<'Filter'> {
  readonly name: SymbolNode;
  readonly target: Expression | null;
  readonly args: Arguments;
}
export interface Test extends At<'Is'> {
  readonly name: SymbolNode;
  readonly target: Expression;
  readonly args: Arguments;
}
export interface InlineIf extends At<'InlineIf'> {
  readonly cond: Expression;
  readonly body: Expression;
  readonly else_: Expression | null;
}
export type BinaryType = 'Add' | 'Sub' | 'Mul' | 'Div' | 'FloorDiv' | 'Mod' | 'Pow' | 'Concat' | 'And' | 'Or';
export interface Binary extends At<BinaryType> {
  readonly left: Expression;
  readonly right: Expression;
}
export interface Unary extends At<'Not' | 'Neg' | 'Pos'> {
  readonly target: Expression;
}
export interface CompareOperand extends At<'CompareOperand'> {
  readonly expr: Expression;
  readonly type: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';
}
export interface Compare extends At<'Compare'> {
  readonly expr: Expression;
  readonly ops: readonly CompareOperand[];
}
export type Expression =
  | Literal
  | SymbolNode
  | ArrayNode
  | TupleNode
  | DictNode
  | Lookup
  | Attribute
  | Call
  | Filter
  | Test
  | InlineIf
  | Binary
  | Unary
  | Compare;

/** `ns.name` as the target of a `set`. */
export interface NamespaceTarget extends At<'NamespaceTarget'> {
  readonly name: string;
  readonly attribute: string;
}
export interface TargetTuple extends At<'Group'> {
  readonly children: readonly Target[];
}
export type Target = SymbolNode | NamespaceTarget | TargetTuple;

export interface Body extends At<'NodeList' | 'Root'> {
  readonly children: readonly Statement[];
}
export interface TemplateData extends At<'TemplateData'> {
  readonly value: string;
}
export interface Output extends At<'Output'> {
  readonly children: readonly (Expression | TemplateData)[];
}
export interface If extends At<'If'> {
  readonly cond: Expression;
  readonly body: Body;
  readonly else_: Body | If | null;
}
export interface For extends At<'For'> {
  readonly arr: Expression;
  readonly name: Target;
  readonly body: Body;
  readonly else_: Body | null;
  readonly test: Expression | null;
  readonly recursive: boolean;
}
export interface Parameter extends At<'Parameter'> {
  readonly name: string;
  readonly default: Expression | null;
}
export interface Macro extends At<'Macro'> {
  readonly name: string;
  readonly args: readonly Parameter[];
  readonly body: Body;
  /** What the tag was: `macro`, `test`, `data_test`, `materialization`, `snapshot` or `docs`. */
  readonly kind: string;
  /** The name as the author wrote it. */
  readonly written: string;
}
export interface CallBlock extends At<'CallBlock'> {
  readonly args: readonly Parameter[];
  readonly call: Call;
  readonly body: Body;
}
export interface FilterBlock extends At<'FilterBlock'> {
  readonly filter: Filter;
  readonly body: Body;
}
export interface SetNode extends At<'Set'> {
  readonly targets: readonly [Target];
  readonly value: Expression;
}
export interface SetBlock extends At<'SetBlock'> {
  readonly target: Target;
  readonly filter: Filter | null;
  readonly body: Body;
}
export interface With extends At<'With'> {
  readonly targets: readonly Target[];
  readonly values: readonly Expression[];
  readonly body: Body;
}
export interface Scope extends At<'Scope'> {
  readonly value: Expression;
  readonly body: Body;
}
export interface Do extends At<'Do'> {
  readonly value: Expression;
}
export interface LoopControl extends At<'Break' | 'Continue'> {}
export interface Block extends At<'Block'> {
  readonly name: string;
  readonly body: Body;
  readonly scoped: boolean;
  readonly required: boolean;
}
/** `extends`, `include`, `import` and `from`: parsed, but no template can be loaded, as in dbt. */
export interface TemplateLoad extends At<'TemplateRef'> {
  readonly template: Expression;
  readonly kind: string;
  /** Names that the tag would define. */
  readonly names: readonly string[];
  readonly ignoreMissing: boolean;
}
export type Statement =
  | Output
  | If
  | For
  | Macro
  | CallBlock
  | FilterBlock
  | SetNode
  | SetBlock
  | With
  | Scope
  | Do
  | LoopControl
  | Block
  | TemplateLoad;
export type AnyNode = Statement | Expression | Body | TemplateData | Parameter | Slice | Argument | Pair;
