import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { Ipv6Flags } from './ipv6-flags.ts';

const folder = mkdtempSync(`${tmpdir()}/flags-`);
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (last: number, flags: string): string =>
  `20010db8000000000000000000${last.toString(16).padStart(6, '0')} 02 40 00 ${flags}     eth0\n`;

test.runIf(process.platform === 'linux')(
  'flags are those of now, however many there are; the same where nothing changed',
  () => {
    const path = `${folder}/if_inet6`;
    const flags = new Ipv6Flags(path);
    expect(flags.now().size).toBe(0);
    writeFileSync(path, line(1, '80') + line(2, '01'));
    const first = flags.now();
    expect([...first]).toEqual([
      ['2001:db8::1', 0x80],
      ['2001:db8::2', 0x01],
    ]);
    expect(flags.now()).toBe(first);
    writeFileSync(path, line(1, '80') + line(2, '20'));
    expect(flags.now().get('2001:db8::2')).toBe(0x20);
    writeFileSync(path, Array.from({ length: 300 }, (_, i) => line(i + 1, '80')).join(''));
    expect(flags.now().size).toBe(300);
    writeFileSync(path, '');
    expect(flags.now().size).toBe(0);
  },
);
