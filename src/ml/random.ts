/** Draws numbers in [0, 1), always the same ones for a seed. */
export type Random = () => number;

/**
 * A seeded generator: sfc32 (Chris Doty-Humphrey's Small Fast Counter, from PractRand), warmed up by a dozen draws.
 * Good for sampling and restarts, not for secrets.
 */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = Math.floor(seed) | 0;
  let counter = Math.floor(seed / 0x1_0000_0000) | 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/**
 * The numbers of `size` of `rows` rows, each row at most once, in ascending order; all rows when there are no more.
 * Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S): one pass, no list of all rows.
 */
export function sampleRows(rows: number, size: number, seed: number): Uint32Array {
  const wanted = Math.min(rows, size);
  const chosen = new Uint32Array(wanted);
  const random = wanted === rows ? () => 0 : seededRandom(seed);
  let taken = 0;
  for (let row = 0; taken < wanted; row++) {
    if ((rows - row) * random() < wanted - taken) chosen[taken++] = row;
  }
  return chosen;
}
