import { describe, expect, test } from 'vitest';
import { ENCRYPTION_POLICIES, type EncryptionPolicy } from '../base/choices.ts';
import type { InfoHash, PeerId } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import { accepts } from '../mse/policy.ts';
import { SecretBook } from '../mse/secrets.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { RawPeer } from '../sim/raw-peer.ts';
import { encodeHandshake, GREETING } from '../wire/handshake.ts';
import { Connector } from './connector.ts';
import type { DialFailure } from './end-reason.ts';
import { encryptionsOf } from './encryptions.ts';
import { PeerListener } from './listener.ts';
import type { PeerSession } from './session.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const OURS = '01'.repeat(20) as PeerId;
const THEIRS = '02'.repeat(20) as PeerId;
const OFFERS = { fast: true, extended: true };
const TIMES = { silenceTimeout: millis(150_000), stuckTimeout: millis(60_000), connectTimeout: millis(5_000) };
const REMOTE = { host: '10.0.0.2', port: 6881 };

function world(policy: EncryptionPolicy) {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const net = new SimNet(clock, random);
  const near = net.host('10.0.0.1', { latency: 5 });
  const far = net.host(REMOTE.host, { latency: 5 });
  const results: (PeerSession | DialFailure)[] = [];
  let dials = 0;
  let ours = policy;
  const tcp = { dial: (...args: Parameters<typeof near.dial>) => (dials++, near.dial(...args)) };
  const connector = new Connector(clock, () => ({
    transports: new Map([['tcp', tcp]]),
    encryptions: encryptionsOf(ours, random),
  }));
  return {
    clock,
    random,
    near,
    far,
    results,
    setPolicy: (to: EncryptionPolicy) => (ours = to),
    /** Connects; resolves to the kind of encryption, or undefined, and the dials that it took. */
    connect: async (seconds = 30): Promise<readonly [string | undefined, number]> => {
      dials = 0;
      results.length = 0;
      connector.connect({ remote: REMOTE, infoHash: HASH, peerId: OURS, offers: OFFERS }, (it) => results.push(it));
      await clock.advance(seconds * 1_000);
      const [result] = results;
      return [result === undefined || 'reason' in result ? undefined : result.encryption, dials];
    },
  };
}
type World = ReturnType<typeof world>;

/** The far side listens as our program does, with this policy. */
async function listen(w: World, policy: EncryptionPolicy | undefined): Promise<PeerSession[]> {
  const accepted: PeerSession[] = [];
  const secrets = new SecretBook();
  if (policy !== undefined) secrets.add({ infoHash: HASH, policy: () => policy });
  await PeerListener.open(
    { net: w.far, clock: w.clock },
    { port: REMOTE.port },
    (_, { encryption }) =>
      accepts(policy ?? 'off', encryption)
        ? { peerId: THEIRS, offers: OFFERS, accept: (session) => void accepted.push(session) }
        : undefined,
    policy === undefined ? {} : { encrypted: { random: w.random, secrets } },
  );
  return accepted;
}

function raw(w: World): RawPeer {
  const peer = new RawPeer(w.clock);
  w.near.dial({ remote: REMOTE, ...TIMES }, peer);
  return peer;
}

/** What is dialled and accepted: the kind of encryption, and how many dials it takes. */
const OUTCOMES: Record<EncryptionPolicy, Record<EncryptionPolicy, readonly [string | undefined, number]>> = {
  off: { off: ['plain', 1], preferred: ['plain', 1], required: [undefined, 1] },
  preferred: { off: ['plain', 2], preferred: ['header', 1], required: ['rc4', 1] },
  required: { off: [undefined, 1], preferred: ['rc4', 1], required: ['rc4', 1] },
};

describe.each(ENCRYPTION_POLICIES)('who dials with %s', (policy) => {
  test.each(ENCRYPTION_POLICIES)('meets who accepts with %s', async (there) => {
    const w = world(policy);
    const accepted = await listen(w, there);
    const [kind, dials] = OUTCOMES[policy][there];
    expect(await w.connect()).toEqual([kind, dials]);
    expect(accepted.map(({ encryption }) => encryption)).toEqual(kind === undefined ? [] : [kind]);
  });

  test('meets a program that knows no encryption', async () => {
    const w = world(policy);
    await listen(w, undefined);
    expect(await w.connect()).toEqual(OUTCOMES[policy].off);
  });
});

test('a peer without encryption is dialled in plain text the next time, until encryption is required', async () => {
  const w = world('preferred');
  await listen(w, 'off');
  expect(await w.connect()).toEqual(['plain', 2]);
  expect(await w.connect()).toEqual(['plain', 1]);
  w.setPolicy('required');
  expect(await w.connect()).toEqual([undefined, 1]);
});

describe('a listener tells the kinds of handshakes apart', () => {
  const shake = encodeHandshake({ infoHash: HASH, peerId: OURS, extensions: OFFERS });

  test.each([1, 19, 20, 21, 67])('a plain one that comes in two parts, cut after byte %i', async (cut) => {
    const w = world('off');
    const accepted = await listen(w, 'preferred');
    const peer = raw(w);
    await w.clock.advance(100);
    peer.connection!.write(shake.slice(0, cut));
    await w.clock.advance(100);
    peer.connection!.write(shake.slice(cut));
    await w.clock.advance(100);
    expect(accepted).toMatchObject([{ encryption: 'plain', peerId: OURS }]);
  });

  test.each([0, 1, 19])(
    'one that is plain for %i bytes is an encrypted one, answered once its key is whole',
    async (same) => {
      const w = world('off');
      await listen(w, 'preferred');
      const peer = raw(w);
      await w.clock.advance(100);
      if (same > 0) peer.connection!.write(GREETING.slice(0, same));
      await w.clock.advance(100);
      peer.connection!.write(new Uint8Array(95 - same).fill(7));
      await w.clock.advance(100);
      expect(peer.received).toBe('');
      peer.connection!.write(Uint8Array.of(7));
      await w.clock.advance(100);
      expect(peer.received.length / 2).toBeGreaterThanOrEqual(96);
      expect(peer.reason).toBeUndefined();
    },
  );

  test('who says nothing, half a greeting, half a key or half a handshake is closed in the time of any other', async () => {
    const w = world('off');
    await listen(w, 'preferred');
    const says = [new Uint8Array(0), GREETING.slice(0, 10), new Uint8Array(50).fill(7), new Uint8Array(300).fill(7)];
    const peers = says.map(() => raw(w));
    await w.clock.advance(100);
    for (const [i, peer] of peers.entries()) if (says[i]!.length > 0) peer.connection!.write(says[i]!);
    await w.clock.advance(19_000);
    expect(peers.map(({ reason }) => reason)).toEqual(peers.map(() => undefined));
    await w.clock.advance(2_000);
    expect(peers.map(({ reason }) => reason?.kind)).toEqual(peers.map(() => 'remote'));
    expect(w.clock.pending).toBeLessThan(5);
  });

  test('whoever asks for more exchanges than a machine gets is closed without an answer', async () => {
    const w = world('off');
    await listen(w, 'preferred');
    const answers: string[] = [];
    for (let i = 0; i < 100; i++) {
      const peer = raw(w);
      await w.clock.advance(20);
      peer.connection!.write(new Uint8Array(96).fill(7));
      await w.clock.advance(20);
      answers.push(peer.received);
      peer.connection!.destroy();
    }
    expect(answers.filter((answer) => answer !== '').length).toBeLessThan(80);
    // In plain text it is still served.
    const peer = raw(w);
    await w.clock.advance(20);
    peer.connection!.write(shake.slice());
    await w.clock.advance(100);
    expect(peer.received).toContain('426974546f7272656e74');
  });
});
