const TROUBLE: Readonly<Record<string, string>> = {
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EFBIG: 'File too large',
  EIO: 'Input/output error',
  EBADF: 'It is closed',
};

/** What keeps an output from being written, in the system's own words where they are known. */
export function writeTrouble(code: string | undefined): string {
  const words = TROUBLE[code ?? ''];
  return words === undefined ? (code ?? 'for a reason that the system does not tell') : `${words} (${String(code)})`;
}
