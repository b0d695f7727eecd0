import { type Position, position } from '../error.js';
import { Symbols, type Variables } from './symbols.js';

/** A JS function in the making: temporaries that its expressions need are declared at its top. */
export interface FunctionScope {
  readonly temporaries: string[];
}

/** Where a statement stands: its names, the variable that takes its output, and the function around it. */
export interface Frame {
  readonly symbols: Symbols;
  readonly scope: FunctionScope;
  /** Variable that output is added to. */
  readonly buffer: string;
  /** The buffer is a list of values (native rendering), not a text. */
  readonly native: boolean;
  /** At the top of a template, where names that are set are exported. */
  readonly top: boolean;
  /** In a part that may never run, where an unknown filter is an error only when it is used. */
  readonly soft: boolean;
  readonly inLoop: boolean;
}

export function innerFrame(frame: Frame, variables: Variables, changes: Partial<Frame> = {}): Frame {
  return { ...frame, symbols: new Symbols(variables, frame.symbols), top: false, soft: false, ...changes };
}

export function at(node: { readonly lineno: number; readonly colno: number }): Position {
  return position(node.lineno, node.colno);
}
