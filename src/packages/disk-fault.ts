const CODES = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EMFILE', 'ENFILE', 'EIO']);

/** Whether an error is the disk's, and not that of what came over the network. */
export function isDiskFault(error: unknown): boolean {
  return CODES.has((error as NodeJS.ErrnoException | null)?.code ?? '');
}
