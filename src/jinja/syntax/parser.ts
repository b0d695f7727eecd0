import lexer from 'nunjucks/src/lexer.js';
import { didYouMean } from '../../diagnostics/index.js';
import type { TemplateSource } from '../error.js';
import { ExpressionParser } from './expression-parser.js';
import { END_OF_FILE, JinjaTokenizer, type Token } from './lexer.js';
import { nodes } from './make-nodes.js';
import type { Body, Expression, Filter, If, Parameter, Statement, Target } from './nodes.js';
import { describe } from './token-text.js';

type TagParser = (this: JinjaParser, tag: Token) => Statement;

/** Jinja2's statements and dbt's (`materialization`, `test`, `data_test`, `snapshot`, `docs`) over nunjucks' parser. */
export class JinjaParser extends ExpressionParser {
  override parseNodes(): Statement[] {
    const out: Statement[] = [];
    for (;;) {
      const token = this.nextToken();
      const { lineno, colno } = token;
      if (token.type === END_OF_FILE) {
        this.pushToken(token);
        return out;
      }
      if (token.type === lexer.TOKEN_DATA) {
        out.push(nodes.Output(lineno, colno, [nodes.TemplateData(lineno, colno, token.value)]));
      } else if (token.type === lexer.TOKEN_VARIABLE_START) {
        const expression = this.parseTuple();
        this.#expectEnd(lexer.TOKEN_VARIABLE_END, "'}}'", token);
        out.push(nodes.Output(lineno, colno, [expression]));
      } else {
        const statement = this.parseStatement();
        if (statement === null) return out;
        out.push(statement);
      }
    }
  }

  override parseAsRoot(): Body {
    return nodes.Root(0, 0, this.parseNodes());
  }

  override parseUntilBlocks(...names: string[]): Body {
    const before = this.breakOnBlocks;
    this.breakOnBlocks = names;
    const body = nodes.NodeList(0, 0, this.parseNodes());
    this.breakOnBlocks = before;
    return body;
  }

  override parseStatement(): Statement | null {
    const tag = this.peekToken();
    if (tag.type !== lexer.TOKEN_SYMBOL) this.failAt(tag, `Expected the name of a tag, found ${describe(tag)}`);
    const name = tag.value;
    if (this.breakOnBlocks?.includes(name)) return null;
    const parse = TAGS.get(name);
    if (parse === undefined) {
      const open = this.breakOnBlocks?.join("' or '");
      const hint = didYouMean(name, [...TAGS.keys(), ...(this.breakOnBlocks ?? [])]);
      this.failAt(
        tag,
        open === undefined ? `Unknown tag '${name}'` : `Unknown tag '${name}' where '${open}' must come`,
        hint,
      );
    }
    this.nextToken();
    this.enter(tag);
    const statement = parse.call(this, tag);
    this.leave();
    return statement;
  }

  override advanceAfterBlockEnd(): Token {
    return this.#expectEnd(lexer.TOKEN_BLOCK_END, "'%}'", null);
  }

  #expectEnd(type: string, end: string, open: Token | null): Token {
    const token = this.nextToken();
    if (token.type === type) return token;
    if (token.type === END_OF_FILE && open !== null)
      this.failAt(open, `This tag is not closed`, `Close it with ${end}.`);
    return this.failAt(token, `Expected ${end}, found ${describe(token)}`);
  }

  /** The body of a block up to one of the end tags, whose name is then the next token. */
  #body(tag: Token, ...ends: string[]): Body {
    this.skip(lexer.TOKEN_COLON);
    this.advanceAfterBlockEnd();
    const body = this.parseUntilBlocks(...ends);
    if (this.peekToken().type === END_OF_FILE) {
      const end = ends.at(-1) ?? '';
      this.failAt(tag, `The block '${tag.value}' is not closed`, `Close it with '{% ${end} %}'.`);
    }
    return body;
  }

  #wholeBody(tag: Token, end: string): Body {
    const body = this.#body(tag, end);
    this.nextToken();
    this.advanceAfterBlockEnd();
    return body;
  }

  #name(what: string): Token {
    return this.expect(lexer.TOKEN_SYMBOL, what);
  }

  #target(isEnd?: () => boolean, withNamespace = false): Target {
    const start = this.peekToken();
    const items: Target[] = [];
    let isTuple = false;
    for (;;) {
      if (isEnd?.() || this.isOperator('=') || this.peekToken().type === lexer.TOKEN_RIGHT_PAREN) break;
      if (this.peekToken().type === lexer.TOKEN_BLOCK_END) break;
      items.push(this.#oneTarget(withNamespace));
      if (!this.skip(lexer.TOKEN_COMMA)) break;
      isTuple = true;
    }
    const [first] = items;
    if (!isTuple && first !== undefined) return first;
    if (!isTuple) this.failAt(this.peekToken(), `Expected a name to assign to, found ${describe(this.peekToken())}`);
    return nodes.TargetTuple(start.lineno, start.colno, items);
  }

  #oneTarget(withNamespace: boolean): Target {
    const token = this.nextToken();
    if (token.type === lexer.TOKEN_LEFT_PAREN) {
      const inner = this.#target(undefined, withNamespace);
      this.expect(lexer.TOKEN_RIGHT_PAREN, "')'");
      return inner;
    }
    if (token.type !== lexer.TOKEN_SYMBOL) this.failAt(token, `Can't assign to ${describe(token)}`);
    if (['true', 'false', 'none', 'True', 'False', 'None'].includes(token.value)) {
      this.failAt(token, `Can't assign to '${token.value}'`);
    }
    if (withNamespace && this.isOperator('.')) {
      this.nextToken();
      const attribute = this.#name('the name of an attribute').value;
      return nodes.NamespaceTarget(token.lineno, token.colno, token.value, attribute);
    }
    return nodes.Symbol(token.lineno, token.colno, token.value);
  }

  #parameters(): Parameter[] {
    this.expect(lexer.TOKEN_LEFT_PAREN, "'('");
    const parameters: Parameter[] = [];
    let defaults = false;
    while (this.peekToken().type !== lexer.TOKEN_RIGHT_PAREN) {
      if (parameters.length > 0) this.expect(lexer.TOKEN_COMMA, "','");
      const name = this.#name('the name of a parameter');
      if (this.skip(lexer.TOKEN_COLON)) this.#parameterType();
      let value: Expression | null = null;
      if (this.isOperator('=')) {
        this.nextToken();
        value = this.parseExpression();
        defaults = true;
      } else if (defaults) this.failAt(name, 'A parameter without a default follows one with a default');
      parameters.push(nodes.Parameter(name.lineno, name.colno, name.value, value));
    }
    this.nextToken();
    return parameters;
  }

  /** dbt's type annotations, `name: dict[str, int]`: read and left out. */
  #parameterType(): void {
    this.#name('the name of a type');
    if (!this.skip(lexer.TOKEN_LEFT_BRACKET)) return;
    for (let first = true; this.peekToken().type !== lexer.TOKEN_RIGHT_BRACKET; first = false) {
      if (!first) this.expect(lexer.TOKEN_COMMA, "','");
      this.#parameterType();
    }
    this.nextToken();
  }

  // The parsers of the tags, each called after the tag's name was read.

  tagIf(tag: Token): If {
    const cond = this.parseTuple(false);
    const body = this.#body(tag, 'elif', 'else', 'endif');
    const next = this.nextToken();
    let otherwise: Body | If | null = null;
    if (next.value === 'elif') otherwise = this.tagIf({ ...next, value: tag.value });
    else if (next.value === 'else') otherwise = this.#wholeBody(tag, 'endif');
    else this.advanceAfterBlockEnd();
    return nodes.If(tag.lineno, tag.colno, cond, body, otherwise);
  }

  tagFor(tag: Token): Statement {
    const target = this.#target(() => this.isSymbol('in'));
    if (!this.skipSymbol('in')) this.failAt(this.peekToken(), `Expected 'in', found ${describe(this.peekToken())}`);
    const iterable = this.parseTuple(false, () => this.isSymbol('recursive'));
    const test = this.skipSymbol('if') ? this.parseExpression() : null;
    const recursive = this.skipSymbol('recursive');
    const body = this.#body(tag, 'else', 'endfor');
    let otherwise: Body | null = null;
    if (this.nextToken().value === 'else') otherwise = this.#wholeBody(tag, 'endfor');
    else this.advanceAfterBlockEnd();
    return nodes.For(tag.lineno, tag.colno, iterable, target, body, otherwise, test, recursive);
  }

  tagSet(tag: Token): Statement {
    const target = this.#target(() => this.peekToken().type === lexer.TOKEN_PIPE, true);
    if (this.isOperator('=')) {
      this.nextToken();
      const value = this.parseTuple();
      this.advanceAfterBlockEnd();
      return nodes.Set(tag.lineno, tag.colno, [target], value);
    }
    let filter: Filter | null = null;
    while (this.skip(lexer.TOKEN_PIPE)) filter = this.parseFilterOf(filter);
    return nodes.SetBlock(tag.lineno, tag.colno, target, filter, this.#wholeBody(tag, 'endset'));
  }

  tagMacro(tag: Token): Statement {
    const name = this.#name('the name of the macro').value;
    const parameters = this.#parameters();
    const body = this.#wholeBody(tag, `end${tag.value}`);
    const full = tag.value === 'macro' ? name : `test_${name}`;
    return nodes.Macro(tag.lineno, tag.colno, full, parameters, body, tag.value, name);
  }

  /** `materialization name, default` or `, adapter='x'`, and `supported_languages=[...]`. */
  tagMaterialization(tag: Token): Statement {
    const name = this.#name('the name of the materialization').value;
    let adapter = 'default';
    let languages: Parameter | null = null;
    while (this.skip(lexer.TOKEN_COMMA)) {
      const option = this.#name("'default', 'adapter' or 'supported_languages'");
      if (option.value === 'default') continue;
      if (option.value !== 'adapter' && option.value !== 'supported_languages') {
        const hint = didYouMean(option.value, ['default', 'adapter', 'supported_languages']);
        this.failAt(option, `A materialization has no option '${option.value}'`, hint);
      }
      if (!this.isOperator('=')) this.failAt(this.peekToken(), `Expected '=', found ${describe(this.peekToken())}`);
      this.nextToken();
      const value = this.parseExpression();
      if (option.value === 'supported_languages') {
        languages = nodes.Parameter(option.lineno, option.colno, option.value, value);
      } else if (value.typename === 'Literal' && typeof value.value === 'string') adapter = value.value;
      else this.failAt(option, "The adapter of a materialization must be a string, such as 'duckdb'");
    }
    const { lineno, colno } = tag;
    const sql = nodes.Array(lineno, colno, [nodes.Literal(lineno, colno, 'sql')]);
    languages ??= nodes.Parameter(lineno, colno, 'supported_languages', sql);
    const body = this.#wholeBody(tag, 'endmaterialization');
    return nodes.Macro(lineno, colno, `materialization_${name}_${adapter}`, [languages], body, tag.value, name);
  }

  tagNamed(tag: Token): Statement {
    const name = this.#name(`the name of the ${tag.value} block`).value;
    const full = tag.value === 'docs' ? `dbt_docs__${name}` : `snapshot_${name}`;
    return nodes.Macro(tag.lineno, tag.colno, full, [], this.#wholeBody(tag, `end${tag.value}`), tag.value, name);
  }

  tagCall(tag: Token): Statement {
    const parameters = this.peekToken().type === lexer.TOKEN_LEFT_PAREN ? this.#parameters() : [];
    const start = this.peekToken();
    const call = this.parseExpression();
    if (call.typename !== 'FunCall') this.failAt(start, "A call block needs a call, such as 'statement(...)'");
    return nodes.CallBlock(tag.lineno, tag.colno, parameters, call, this.#wholeBody(tag, 'endcall'));
  }

  tagFilter(tag: Token): Statement {
    let filter = this.parseFilterOf(null);
    while (this.skip(lexer.TOKEN_PIPE)) filter = this.parseFilterOf(filter);
    return nodes.FilterBlock(tag.lineno, tag.colno, filter, this.#wholeBody(tag, 'endfilter'));
  }

  tagWith(tag: Token): Statement {
    const targets: Target[] = [];
    const values: Expression[] = [];
    while (this.peekToken().type !== lexer.TOKEN_BLOCK_END) {
      if (targets.length > 0) this.expect(lexer.TOKEN_COMMA, "','");
      targets.push(this.#target());
      if (!this.isOperator('=')) this.failAt(this.peekToken(), `Expected '=', found ${describe(this.peekToken())}`);
      this.nextToken();
      values.push(this.parseExpression());
    }
    return nodes.With(tag.lineno, tag.colno, targets, values, this.#wholeBody(tag, 'endwith'));
  }

  tagAutoescape(tag: Token): Statement {
    return nodes.Scope(tag.lineno, tag.colno, this.parseExpression(), this.#wholeBody(tag, 'endautoescape'));
  }

  tagDo(tag: Token): Statement {
    const value = this.parseTuple();
    this.advanceAfterBlockEnd();
    return nodes.Do(tag.lineno, tag.colno, value);
  }

  tagPrint(tag: Token): Statement {
    const values: Expression[] = [];
    while (this.peekToken().type !== lexer.TOKEN_BLOCK_END) {
      if (values.length > 0) this.expect(lexer.TOKEN_COMMA, "','");
      values.push(this.parseExpression());
    }
    this.advanceAfterBlockEnd();
    return nodes.Output(tag.lineno, tag.colno, values);
  }

  tagLoopControl(tag: Token): Statement {
    this.advanceAfterBlockEnd();
    return nodes.LoopControl(tag.lineno, tag.colno, tag.value === 'break' ? 'Break' : 'Continue');
  }

  tagBlock(tag: Token): Statement {
    const name = this.#name('the name of the block').value;
    const scoped = this.skipSymbol('scoped');
    const required = this.skipSymbol('required');
    const body = this.#body(tag, 'endblock');
    this.nextToken();
    this.skipSymbol(name);
    this.advanceAfterBlockEnd();
    return nodes.Block(tag.lineno, tag.colno, name, body, scoped, required);
  }

  tagTemplateLoad(tag: Token): Statement {
    const template = this.parseExpression();
    const names: string[] = [];
    let ignoreMissing = false;
    if (tag.value === 'import') {
      if (!this.skipSymbol('as')) this.failAt(this.peekToken(), `Expected 'as', found ${describe(this.peekToken())}`);
      names.push(this.#name('a name').value);
    } else if (tag.value === 'from') {
      if (!this.skipSymbol('import')) this.failAt(this.peekToken(), `Expected 'import'`);
      do {
        const name = this.#name('a name').value;
        names.push(this.skipSymbol('as') ? this.#name('a name').value : name);
      } while (this.skip(lexer.TOKEN_COMMA));
    } else if (tag.value === 'include' && this.isSymbol('ignore') && this.isSymbol('missing', this.peekSecond())) {
      this.nextToken();
      this.nextToken();
      ignoreMissing = true;
    }
    if (tag.value !== 'extends' && (this.isSymbol('with') || this.isSymbol('without'))) {
      this.nextToken();
      if (!this.skipSymbol('context')) this.failAt(this.peekToken(), `Expected 'context'`);
    }
    this.advanceAfterBlockEnd();
    return nodes.TemplateLoad(tag.lineno, tag.colno, template, tag.value, names, ignoreMissing);
  }
}

const { prototype } = JinjaParser;
const TAGS: ReadonlyMap<string, TagParser> = new Map<string, TagParser>([
  ['if', prototype.tagIf],
  ['for', prototype.tagFor],
  ['set', prototype.tagSet],
  ['macro', prototype.tagMacro],
  ['test', prototype.tagMacro],
  ['data_test', prototype.tagMacro],
  ['materialization', prototype.tagMaterialization],
  ['snapshot', prototype.tagNamed],
  ['docs', prototype.tagNamed],
  ['call', prototype.tagCall],
  ['filter', prototype.tagFilter],
  ['with', prototype.tagWith],
  ['autoescape', prototype.tagAutoescape],
  ['do', prototype.tagDo],
  ['print', prototype.tagPrint],
  ['break', prototype.tagLoopControl],
  ['continue', prototype.tagLoopControl],
  ['block', prototype.tagBlock],
  ['extends', prototype.tagTemplateLoad],
  ['include', prototype.tagTemplateLoad],
  ['import', prototype.tagTemplateLoad],
  ['from', prototype.tagTemplateLoad],
]);

/** The syntax tree of a template. Throws a `JinjaError` of kind `TemplateSyntaxError` at the first mistake. */
export function parse(source: TemplateSource, escapes = true): Body {
  const tokens = new JinjaTokenizer(source, escapes);
  return new JinjaParser(tokens).parseAsRoot();
}
