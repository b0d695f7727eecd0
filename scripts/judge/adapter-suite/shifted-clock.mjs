// Loaded before upsql (`node --import`): the clock runs from SUITE_NOW on, as the tests of microbatch and samples ask.
const Real = Date;
const offset = Real.parse(`${process.env.SUITE_NOW.replace(' ', 'T')}Z`) - Real.now();

globalThis.Date = class extends Real {
  constructor(...args) {
    if (args.length === 0) super(Real.now() + offset);
    else super(...args);
  }

  static now() {
    return Real.now() + offset;
  }
};
