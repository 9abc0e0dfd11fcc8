import { readFile, stat } from 'node:fs/promises';
import { canonicalIp } from '../base/ip.ts';

/** A longer file is not read: lists of servers to block have up to some hundred thousand lines. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The system's file of names that are looked up nowhere else. */
export class HostsFile {
  readonly #path: string;
  #names: ReadonlyMap<string, readonly string[]> = new Map();
  /** Length and time of change of what was read. */
  #read = '';

  constructor(path: string = systemPath()) {
    this.#path = path;
  }

  /** The addresses that it gives a name, in its order; none where it does not know the name, or cannot be read. */
  async find(name: string): Promise<readonly string[]> {
    const wanted = name.toLowerCase().replace(/\.$/, '');
    // Of this machine, whatever the file says (RFC 6761).
    if (wanted === 'localhost' || wanted.endsWith('.localhost')) return ['127.0.0.1', '::1'];
    try {
      const { size, mtimeMs } = await stat(this.#path);
      const version = `${size} ${mtimeMs}`;
      if (version !== this.#read) {
        this.#names = size > MAX_BYTES ? new Map() : namesIn(await readFile(this.#path, 'utf8'));
        this.#read = version;
      }
    } catch {
      return [];
    }
    return this.#names.get(wanted) ?? [];
  }
}

/** The names of such a file in lower case, with their addresses. */
export function namesIn(text: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...its] = line.replace(/#.*$/s, '').trim().split(/\s+/);
    const ip = canonicalIp(address);
    if (ip === undefined) continue;
    for (const name of its) {
      const key = name.toLowerCase();
      const known = names.get(key);
      if (known === undefined) names.set(key, [ip]);
      else if (!known.includes(ip)) known.push(ip);
    }
  }
  return names;
}

function systemPath(): string {
  const { SystemRoot = 'C:\\Windows' } = process.env;
  return process.platform === 'win32' ? `${SystemRoot}\\System32\\drivers\\etc\\hosts` : '/etc/hosts';
}
