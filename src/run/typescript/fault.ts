/**
 * A fault that this folder finds in a model: in how it reads, or in what it returns. Its message goes on from the
 * model's name; the runner adds the place.
 */
export class ModelFault extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** The stack of the user's call, where the error itself came up later. */
  readonly site: string | undefined;

  constructor(
    code: string,
    message: string,
    hint?: string,
    more: { readonly cause?: unknown; readonly site?: string | undefined } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hint = hint;
    this.site = more.site;
  }
}
