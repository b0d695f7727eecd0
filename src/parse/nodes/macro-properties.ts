/** `macros:` entries of properties YAML, laid over the macros. */
import { didYouMean, problem } from '../../diagnostics/index.js';
import type { PropertyEntry } from '../../project/index.js';
import type { MacroNode } from '../node.js';
import { isMap, mapOf, mapsOf } from '../shape.js';
import type { ParsedProject } from '../state.js';
import { describedBefore } from './described-twice.js';

/** Description, arguments and docs of a macro; a warning where there is none of that name. */
export function patchMacro(parsed: ParsedProject, entry: PropertyEntry): void {
  const macro = parsed.manifest.macros[`macro.${entry.packageName}.${entry.name}`];
  if (macro === undefined) {
    const hint = didYouMean(entry.name, parsed.macros.names(entry.packageName));
    parsed.diagnostics.push({
      ...problem('no-node-for-properties', `No macro is named '${entry.name}'.`, {
        place: entry.place,
        ...(hint === undefined ? {} : { hint }),
      }),
      severity: 'warning',
    });
    return;
  }
  if (describedBefore(parsed, entry, `macro '${entry.name}'`, macro)) return;
  const { raw } = entry;
  const config = mapOf(raw.config);
  const meta = { ...mapOf(raw.meta), ...mapOf(config.meta) };
  const docs = (isMap(config.docs) ? config.docs : isMap(raw.docs) ? raw.docs : {}) as {
    show?: boolean;
    node_color?: string;
  };
  macro.patch_path = `${entry.packageName}://${entry.originalFilePath}`;
  macro.description = typeof raw.description === 'string' ? raw.description : '';
  macro.meta = meta;
  macro.docs = { show: docs.show ?? true, node_color: docs.node_color ?? null };
  macro.config = { meta, docs: macro.docs };
  const written = mapsOf(raw.arguments).map((a) => ({
    name: a.name ?? '',
    type: a.type ?? null,
    description: a.description ?? '',
  }));
  if (parsed.project.config.flags.validate_macro_args !== true) macro.arguments = written;
  else if (written.length > 0) {
    checkMacroArguments(parsed, entry, macro, written);
    macro.arguments = written;
  }
}

const ARGUMENT_TYPE =
  /^(?:str|string|bool|int|integer|float|any|relation|column|(?:list|optional)\[(.+)\]|dict\[(.+),(.+)\])$/;

function isArgumentType(text: string): boolean {
  const inner = ARGUMENT_TYPE.exec(text.replace(/\s/g, ''))?.slice(1);
  return inner?.every((part) => part === undefined || isArgumentType(part)) ?? false;
}

/** With the flag `validate_macro_args`: warnings where the YAML says other arguments than the macro has. */
function checkMacroArguments(
  parsed: ParsedProject,
  entry: PropertyEntry,
  macro: MacroNode,
  written: readonly { readonly name: unknown; readonly type: unknown }[],
): void {
  const warn = (message: string, path: (string | number)[]) =>
    parsed.diagnostics.push({
      ...problem('macro-arguments', message, { place: entry.locate(path) }),
      severity: 'warning',
    });
  const names = macro.arguments.map((a) => String((a as { name: unknown }).name));
  written.forEach(({ name, type }, i) => {
    const actual = names[i];
    if (actual !== undefined && actual !== name)
      warn(`Argument '${String(name)}' of macro '${macro.name}' is named '${actual}' in the macro.`, ['arguments', i]);
    if (typeof type === 'string' && type.trim() !== '' && !isArgumentType(type))
      warn(`Argument '${String(name)}' of macro '${macro.name}' has the type '${type}', which does not exist.`, [
        'arguments',
        i,
      ]);
  });
  if (written.length !== names.length)
    warn(`Macro '${macro.name}' has ${names.length} arguments, the YAML says ${written.length}.`, ['arguments']);
}
