import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../base/bytes.ts';
import { ENCRYPTION_POLICIES, type EncryptionPolicy } from '../base/choices.ts';
import type { InfoHash } from '../base/ids.ts';
import { SeededRandom } from '../sim/random.ts';
import { KEY_LENGTH, KeyPair } from './key-exchange.ts';
import { type Agreement, NoAgreement } from './negotiation.ts';
import { choose, dialled as ways, offerOf } from './policy.ts';
import { Rc4 } from './rc4.ts';
import { hiddenTorrent, streams, syncHash, torrentSecret } from './secrets.ts';
import { bookOf, dialled, dialling, fixedRandom, HASH, takeFrom } from './testing/pair.ts';

const text = (data: string): Uint8Array => new TextEncoder().encode(data);
const OTHER = 'cd'.repeat(20) as InfoHash;

/** Both sides until they agree, with what each hears cut as `cut` says. */
function agree(
  seed: number,
  options: Parameters<typeof dialling>[1] & { readonly there?: EncryptionPolicy } = {},
  cut: (data: Uint8Array) => readonly Uint8Array[] = (data) => [data],
): { readonly here: Agreement; readonly there: Agreement } {
  const random = new SeededRandom(seed);
  const a = dialling(random, options);
  const b = dialled(random, bookOf(options.there));
  let here: Agreement | undefined;
  let there: Agreement | undefined;
  while (a.sent.length + b.sent.length > 0) {
    for (const part of cut(takeFrom(a))) {
      // Once they agree, what comes is for whoever has the connection then.
      const result = there === undefined ? b.side.push(part.slice()) : undefined;
      if (result !== undefined) there = { ...result, rest: result.rest.slice() };
    }
    for (const part of cut(takeFrom(b))) {
      const result = a.side.push(part.slice());
      if (result === 'again') throw new Error('another secret is wanted');
      here ??= result;
    }
  }
  if (here === undefined || there === undefined) throw new Error('they do not agree');
  return { here, there };
}

describe('two sides', () => {
  test('say what another implementation says with the same keys and pads', () => {
    const a = dialling(fixedRandom(0x11, 0xaa), { first: text('hello') });
    const b = dialled(fixedRandom(0x22, 0xbb));
    const keyA = takeFrom(a);
    expect(toHex(keyA)).toMatch(/^3476dc8d123697fc.*aaaaaaaaaa$/);
    expect(keyA).toHaveLength(KEY_LENGTH + 5);
    b.side.push(keyA);
    const keyB = takeFrom(b);
    expect(toHex(keyB)).toMatch(/^0816092aa9b6a0bf.*bbbbbbbbbb$/);
    a.side.push(keyB);
    const offer = takeFrom(a);
    expect(toHex(offer)).toBe(
      '32dd7e3b16e8d7a1b444ea3f4167e202514f9febe07c5f82d52540e30f0e284c3537e943423a5a9e4a0d8976cdfaa2f828fd39d2b688bfe0' +
        '0e135ea962a03940cf2e',
    );
    expect(b.side.push(offer)).toMatchObject({ encryption: 'header', encrypted: 5, infoHash: HASH });
    expect(toHex(takeFrom(b))).toBe('325e1db40f6675d7c5e6c976a9be760fe5aba0');
  });

  test.each<readonly [EncryptionPolicy, EncryptionPolicy, Agreement['encryption']]>([
    ['preferred', 'preferred', 'header'],
    ['preferred', 'required', 'rc4'],
    ['required', 'preferred', 'rc4'],
    ['required', 'required', 'rc4'],
  ])('that dial %s and accept %s agree on %s', (policy, there, encryption) => {
    const agreed = agree(1, { policy, there });
    expect([agreed.here.encryption, agreed.there.encryption]).toEqual([encryption, encryption]);
  });

  test('agree and hear each other however their bytes are cut', () => {
    const policy = fc.constantFrom('preferred' as const, 'required' as const);
    const options = fc.record({ policy, there: policy, first: fc.uint8Array({ maxLength: 300 }) });
    fc.assert(
      fc.property(fc.nat(), options, fc.integer({ min: 1, max: 700 }), (seed, option, size) => {
        const { here, there } = agree(seed, option, (data) => {
          const parts: Uint8Array[] = [];
          for (let at = 0; at < data.length; at += size) parts.push(data.subarray(at, at + size));
          return parts;
        });
        expect(there.encryption).toBe(here.encryption);
        expect(there.encrypted).toBe(there.encryption === 'rc4' ? Infinity : option.first.length);
        for (const [from, to] of [
          [here, there],
          [there, here],
        ] as const) {
          const said = text('said');
          from.out?.apply(said);
          // What came with the offer comes first in the dialled side's stream.
          if (to === there) to.in.apply(new Uint8Array(option.first.length));
          if (to.encryption === 'rc4') to.in.apply(said);
          expect(new TextDecoder().decode(said)).toBe('said');
        }
      }),
      { numRuns: 60 },
    );
  });

  test('agree where every byte comes alone, and where each cut is at another place', () => {
    for (let at = 1; at < 700; at += 23) {
      const { there } = agree(at, { first: text('x') }, (data) => [data.subarray(0, at), data.subarray(at)]);
      expect(there.encrypted).toBe(1);
    }
    expect(agree(3, {}, (data) => [...data].map((byte) => Uint8Array.of(byte))).here.encryption).toBe('header');
  });

  test('both make pads of all lengths up to 512', () => {
    const random = new SeededRandom(7);
    const lengths = Array.from({ length: 60 }, () => takeFrom(dialling(random)).length - KEY_LENGTH);
    expect(Math.min(...lengths)).toBeLessThan(60);
    expect(Math.max(...lengths)).toBeGreaterThan(450);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(512);
  });
});

test('no key begins like a plain handshake, by which Transmission tells them apart', () => {
  const random = new SeededRandom(17);
  // That of an unchecked one in 256 would.
  for (let i = 0; i < 2_000; i++) expect(KeyPair.make(random).publicKey[0]).not.toBe(19);
});

describe('a secret that begins with a zero, which old libtorrents hash without it,', () => {
  /** Keys of a far side with which the first of ours, made by `random`, has such a secret. */
  function unlucky(random: SeededRandom): KeyPair {
    const ours = KeyPair.make(random);
    for (;;) {
      const theirs = KeyPair.make(random);
      if (theirs.secret(ours.publicKey)?.[0] === 0) return theirs;
    }
  }

  test('makes the dialling side ask for another connection', () => {
    const theirs = unlucky(new SeededRandom(5));
    for (const [mayRepeat, result] of [
      [true, 'again'],
      [false, undefined],
    ] as const) {
      const { side } = dialling(new SeededRandom(5), { mayRepeat });
      expect(side.push(theirs.publicKey)).toBe(result);
    }
  });

  test('makes the dialled side take other keys', () => {
    const theirs = unlucky(new SeededRandom(6));
    const b = dialled(new SeededRandom(6));
    b.side.push(theirs.publicKey);
    const answer = takeFrom(b);
    expect(theirs.secret(answer.subarray(0, KEY_LENGTH))?.[0]).not.toBe(0);
    expect(toHex(answer)).not.toContain(toHex(KeyPair.make(new SeededRandom(6)).publicKey));
  });
});

describe('breaches', () => {
  /** The dialled side after the keys, and the dialler's streams. */
  function keyed(book = bookOf()) {
    const b = dialled(new SeededRandom(2), book);
    const keys = KeyPair.make(new SeededRandom(3));
    b.side.push(keys.publicKey);
    const shared = keys.secret(takeFrom(b).subarray(0, KEY_LENGTH))!;
    return { b, shared, ...streams(shared, torrentSecret(HASH)) };
  }
  const encrypted = (cipher: Rc4, bytes: Uint8Array): Uint8Array => (cipher.apply(bytes), bytes);
  const zeros = (count: number): Uint8Array => new Uint8Array(count);
  const PRIME = Uint8Array.from(
    Buffer.from(
      'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b' +
        '302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563',
      'hex',
    ),
  );
  const less = (count: number): Uint8Array => PRIME.with(95, PRIME[95]! - count);

  test.each<readonly [string, Uint8Array]>([
    ['0', zeros(96)],
    ['1', zeros(96).with(95, 1)],
    ['the prime less 1', less(1)],
    ['the prime', PRIME],
    ['more than the prime', zeros(96).fill(255)],
  ])('a key of %s is refused by both sides', (_, key) => {
    expect(() => dialling(new SeededRandom(1)).side.push(key)).toThrow(NoAgreement);
    const b = dialled(new SeededRandom(1));
    expect(() => b.side.push(key)).toThrow(NoAgreement);
    expect(b.sent).toEqual([]);
  });

  test('the dialled side says nothing before a whole key, and reads no more than a pad after it', () => {
    const b = dialled(new SeededRandom(1));
    b.side.push(zeros(95).fill(9));
    expect(b.sent).toEqual([]);
    b.side.push(zeros(1 + 512 + 19).fill(9));
    expect(b.sent).toHaveLength(1);
    expect(() => b.side.push(zeros(1))).toThrow(NoAgreement);
  });

  test('the dialling side reads no more than a pad for the verification', () => {
    const a = dialling(new SeededRandom(1));
    a.side.push(zeros(96 + 512 + 7).fill(9));
    expect(() => a.side.push(zeros(1))).toThrow(NoAgreement);
  });

  test('a plain greeting ends the dialling side at once', () => {
    const a = dialling(new SeededRandom(1));
    expect(() => a.side.push(Uint8Array.of(19, ...text('BitTorrent protocol')))).toThrow(NoAgreement);
  });

  test.each<readonly [string, (dialler: Rc4) => Uint8Array]>([
    ['a wrong verification', (dialler) => encrypted(dialler, zeros(14).with(7, 1).with(11, 3))],
    ['no offer', (dialler) => encrypted(dialler, zeros(14))],
    ['an offer of nothing known', (dialler) => encrypted(dialler, zeros(14).fill(252, 8, 12))],
    ['a pad that is too long', (dialler) => encrypted(dialler, zeros(14).with(11, 3).with(12, 2).with(13, 1))],
    ['another stream', () => encrypted(new Rc4(text('other')), zeros(14).with(11, 3))],
  ])('the dialled side refuses %s', (_, offer) => {
    const { b, dialler, shared } = keyed();
    b.side.push(helloTo(shared));
    expect(() => b.side.push(offer(dialler))).toThrow(NoAgreement);
  });

  test.each<readonly [string, InfoHash, EncryptionPolicy]>([
    ['that is not ours', OTHER, 'preferred'],
    ['that takes no encryption', HASH, 'off'],
  ])('the dialled side refuses a torrent %s', (_, infoHash, policy) => {
    const { b, shared } = keyed(bookOf(policy, HASH));
    expect(() => b.side.push(helloTo(shared, infoHash))).toThrow(NoAgreement);
  });

  test('where RC4 is required, an offer of plain text alone is refused', () => {
    const { b, dialler, shared } = keyed(bookOf('required'));
    b.side.push(helloTo(shared));
    expect(() => b.side.push(encrypted(dialler, zeros(14).with(11, 1)))).toThrow(NoAgreement);
  });

  test.each<readonly [string, EncryptionPolicy, Uint8Array]>([
    ['nothing', 'preferred', zeros(6)],
    ['both', 'preferred', zeros(6).with(3, 3)],
    ['what is not known', 'preferred', zeros(6).with(3, 4)],
    ['what was not offered', 'required', zeros(6).with(3, 1)],
    ['a pad that is too long', 'preferred', zeros(6).with(3, 1).with(4, 2).with(5, 1)],
  ])('the dialling side refuses a choice of %s', (_, policy, choice) => {
    const a = dialling(new SeededRandom(1), { policy });
    const keys = KeyPair.make(new SeededRandom(3));
    const shared = keys.secret(takeFrom(a).subarray(0, KEY_LENGTH))!;
    a.side.push(keys.publicKey);
    const { dialled: cipher } = streams(shared, torrentSecret(HASH));
    a.side.push(encrypted(cipher, zeros(8)));
    expect(() => a.side.push(encrypted(cipher, choice.slice()))).toThrow(NoAgreement);
  });
});

test('policies say what is dialled, offered and chosen', () => {
  const table = ENCRYPTION_POLICIES.map((policy) => [
    ways(policy).join(' '),
    policy === 'off' ? undefined : offerOf(policy),
    ...[0, 1, 2, 3, 4].map((offer) => choose(policy, offer)),
  ]);
  expect(table.slice(1)).toEqual([
    ['mse plain', 3, undefined, 1, 2, 1, undefined],
    ['mse', 2, undefined, undefined, 2, 2, undefined],
  ]);
  expect(table[0]?.[0]).toBe('plain');
});

/** What the dialling side says after the keys, up to the verification. */
function helloTo(shared: Uint8Array, infoHash: InfoHash = HASH): Uint8Array {
  return concatBytes(syncHash(shared), hiddenTorrent(torrentSecret(infoHash), shared));
}
