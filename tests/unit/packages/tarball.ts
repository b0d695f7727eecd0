export interface Entry {
  readonly path: string;
  readonly text?: string;
  /** ustar's type: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 folder, 6 fifo. */
  readonly type?: '0' | '1' | '2' | '3' | '4' | '5' | '6';
  readonly link?: string;
}

const BLOCK = 512;

/** A tar archive (ustar) with exactly these entries, which no well-behaved packer would write. */
export function tarball(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ path, text = '', type = '0', link = '' }) => {
    const body = Buffer.from(text);
    const header = Buffer.alloc(BLOCK);
    header.write(path, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(link, 157, 100);
    header.write('ustar\0' + '00', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}
