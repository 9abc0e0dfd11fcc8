import { describe, expect, test } from 'vitest';
import { millis } from '../../../core/base/ids.ts';
import type { Reachability } from '../../../core/engine/statuses.ts';
import { reachabilityWords } from './reachability.ts';

const of = (reachability: Reachability, change: { readonly address?: null; readonly port?: null } = {}) =>
  reachabilityWords({ reachability, address: '192.0.2.14', port: 6881, ...change });
const mapped = { kind: 'mapped', by: 'nat-pmp', host: '203.0.113.7', port: 7001, until: millis(1) } as const;

describe('whether peers reach an identity', () => {
  test('one came, whatever the router says', () => {
    const reached = of({ kind: 'reached', mapping: { kind: 'unmapped', message: 'The router refuses.' } });
    expect(reached.tone).toBe('ok');
    expect(reached.meaning).not.toContain('refuses');
    expect(of({ kind: 'reached', mapping: mapped }).meaning).toContain('203.0.113.7:7001');
  });

  test('a port was opened: where, by what, and what is doubted of it', () => {
    expect(of(mapped).meaning).toMatch(/203\.0\.113\.7:7001.*NAT-PMP/);
    expect(of({ ...mapped, host: '2001:db8::7' }).meaning).toContain('[2001:db8::7]:7001');
    const { tone, meaning } = of({ ...mapped, note: 'There is a second router.' });
    expect([tone, meaning]).toEqual(['warn', expect.stringContaining('There is a second router.')]);
    const { host: _, ...bare } = mapped;
    expect(of(bare).meaning).toContain('7001');
  });

  test('it could not be opened: what the engine says is to be done', () => {
    expect(of({ kind: 'unmapped', message: 'Switch UPnP on.' }).meaning).toBe('Switch UPnP on.');
  });

  test('nothing is known: what to do if that stays so, with what is known of the place', () => {
    expect(of({ kind: 'unknown' }).meaning).toMatch(/6881.*192\.0\.2\.14/);
    expect(of({ kind: 'unknown' }, { address: null, port: null }).meaning).not.toMatch(/null|undefined/);
  });
});
