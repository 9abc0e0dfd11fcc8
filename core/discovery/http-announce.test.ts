import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHashV1, PeerId } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import type { AnnounceRequest } from './announce.ts';
import { announceUrl, readHttpAnswer } from './http-announce.ts';

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const request: AnnounceRequest = {
  infoHash: '00ff2d41617e20250a80123456789abcdef12345' as InfoHashV1,
  peerId: '2d454e303130302d303132333435363738396162' as PeerId,
  key: 0xbeef,
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 2 ** 40,
  numWant: 50,
};

describe('announceUrl', () => {
  it('encodes every byte that is not unreserved', () => {
    expect(announceUrl('http://t.example/announce', { ...request, event: 'started' })).toBe(
      'http://t.example/announce?info_hash=%00%FF-Aa~%20%25%0A%80%124Vx%9A%BC%DE%F1%23E' +
        '&peer_id=-EN0100-0123456789ab&port=6881&uploaded=1&downloaded=2&left=1099511627776' +
        '&compact=1&no_peer_id=1&numwant=50&key=0000BEEF&event=started',
    );
  });

  it.each([
    ['http://t/a', 'http://t/a?info_hash='],
    ['http://t/a?pass=1', 'http://t/a?pass=1&info_hash='],
    ['http://t/a?', 'http://t/a?info_hash='],
    ['http://t/a?x=1&#frag', 'http://t/a?x=1&info_hash='],
  ])('keeps what %s has', (tracker, start) => {
    expect(announceUrl(tracker, request).startsWith(start)).toBe(true);
  });

  it('is the same again for a URL that repeats it, however that is escaped', () => {
    const asked = { ...request, event: 'started' } as const;
    const url = announceUrl('http://t/a?key=pass&x=%7e', asked);
    expect(announceUrl(url, asked)).toBe(url);
    expect(announceUrl(url.toLowerCase().replace('key=0000beef&event=started', ''), asked)).toBe(url);
    expect(announceUrl('http://t/a?x=1&info_hash=other&peer_id', request)).toBe(announceUrl('http://t/a?x=1', request));
  });

  it('says the tracker id back and no event in a regular announce', () => {
    const url = announceUrl('http://t/a', request, Uint8Array.of(0, 0x41));
    expect(url.endsWith('&trackerid=%00A')).toBe(true);
    expect(url).not.toContain('event=');
  });
});

describe('readHttpAnswer', () => {
  const read = (value: Parameters<typeof encode>[0]): ReturnType<typeof readHttpAnswer> =>
    readHttpAnswer(encode(value));

  it('reads all fields, compact peers of both families', () => {
    const peers = Uint8Array.of(10, 0, 0, 1, 0x1a, 0xe1, 0, 0, 0, 0, 1, 1, 10, 0, 0, 2, 0, 0);
    const peers6 = Uint8Array.from([0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1, 0x1a, 0xe1]);
    const answer = read({
      interval: 1800,
      'min interval': 900,
      complete: 3,
      incomplete: 4,
      'tracker id': text('id'),
      'warning message': text('old\nclient'),
      'external ip': Uint8Array.of(1, 2, 3, 4),
      peers,
      peers6,
    });
    expect(answer).toEqual({
      trackerId: text('id'),
      result: {
        kind: 'answer',
        interval: 1_800_000,
        minInterval: 900_000,
        seeds: 3,
        leechers: 4,
        warning: 'old client',
        externalAddress: '1.2.3.4',
        peers: [
          { host: '10.0.0.1', port: 6881 },
          { host: '2001:db8::1', port: 6881 },
        ],
      },
    });
  });

  it('reads the dictionary form and passes over entries that are no peers', () => {
    const { result } = read({
      interval: 60,
      peers: [
        { ip: text('10.0.0.1'), port: 1, 'peer id': text('x') },
        { ip: text('::1'), port: 2 },
        { ip: text('[2001:DB8::1]'), port: text('6881') },
        { ip: text('Peer.example'), port: 3 },
        { ip: text('localhost'), port: 4 },
        { ip: text('10.0.0.256'), port: 5 },
        { ip: text('a b.example'), port: 5 },
        { ip: text('-.example'), port: 5 },
        { ip: text('peer.example'), port: text('x') },
        { ip: text('10.0.0.2'), port: 0 },
        { ip: text('10.0.0.2'), port: 65536 },
        { ip: text('10.0.0.2'), port: -1 },
        { ip: 5, port: 5 },
        { port: 5 },
        7,
        [],
        { ip: text('9'.repeat(1000)), port: 1 },
      ],
    });
    expect(result).toMatchObject({
      peers: [
        { host: '10.0.0.1', port: 1 },
        { host: '::1', port: 2 },
        { host: '2001:db8::1', port: 6881 },
      ],
      named: [
        { host: 'peer.example', port: 3 },
        { host: 'localhost', port: 4 },
      ],
    });
  });

  const peer = '\x0a\0\0\x01\x1a\xe1';
  const v6 = ' \x01\r\xb8' + '\0'.repeat(11) + '\x01\x1a\xe1';
  it.each([
    ['bytes behind the dictionary', `d8:intervali1800e5:peers6:${peer}e6:peers60:`, ['10.0.0.1']],
    ['a line end before it', `\r\nd8:intervali1800e5:peers6:${peer}e`, ['10.0.0.1']],
    ['an interval with zeros before it', `d8:intervali0001800e5:peers6:${peer}e`, ['10.0.0.1']],
    ['an interval beyond all bounds', `d8:intervali${'9'.repeat(400)}e5:peers6:${peer}e`, ['10.0.0.1']],
    ['keys out of order', `d5:peers6:${peer}8:intervali1800ee`, ['10.0.0.1']],
    ['a list of peers twice: the first counts', `d5:peers6:${peer}5:peers0:e`, ['10.0.0.1']],
    ['stray bytes behind the peers', `d5:peers8:${peer}xye`, ['10.0.0.1']],
    ['a malformed list of IPv6 peers', `d5:peers6:${peer}6:peers63:abce`, ['10.0.0.1']],
    ['IPv6 peers that are a number', `d5:peers6:${peer}6:peers6i1ee`, ['10.0.0.1']],
    ['IPv6 peers as dictionaries', 'd6:peers6ld2:ip3:::14:porti1eeee', ['::1']],
    ['IPv4 peers that are a number', `d5:peersi1e6:peers618:${v6}e`, ['2001:db8::1']],
    ['IPv4 peers cut within one', `d5:peers5:abcde6:peers618:${v6}e`, ['2001:db8::1']],
    ['no peers', 'd8:intervali1800ee', []],
  ])('takes the peers of an answer with %s', (_, body, hosts) => {
    const { result } = readHttpAnswer(Uint8Array.from(body, (c) => c.charCodeAt(0)));
    expect(result.kind === 'answer' && result.peers.map(({ host }) => host)).toEqual(hosts);
  });

  it.each([
    ['4 bytes', Uint8Array.of(203, 0, 113, 9), '203.0.113.9'],
    ['16 bytes', Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9), '2001:db8::9'],
    ['text', text('203.0.113.9'), '203.0.113.9'],
    ['another number of bytes', Uint8Array.of(203, 0, 113), undefined],
    ['nowhere', new Uint8Array(4), undefined],
    ['a number', 7, undefined],
  ])('reads our outer address from %s (BEP 24)', (_, value, address) => {
    const { result } = read({ interval: 60, 'external ip': value });
    expect(result.kind === 'answer' && result.externalAddress).toBe(address);
  });

  it.each([
    ['nothing', '', /not bencoded/],
    ['a page', '<html>502</html>', /not bencoded/],
    ['a cut answer', 'd8:intervali1800e', /not bencoded/],
    ['a list', 'le', /no dictionary/],
    ['a number', 'i1e', /no dictionary/],
    ['a string', '1:a', /no dictionary/],
  ])('refuses %s', (_, body, message) => {
    expect(() => readHttpAnswer(text(body))).toThrow(EnsembleError);
    expect(() => readHttpAnswer(text(body))).toThrow(message);
  });

  it.each([
    ['no interval', {}, 1_800_000],
    ['interval 0', { interval: 0 }, 1_800_000],
    ['a negative interval', { interval: -5 }, 1_800_000],
    ['a textual interval', { interval: text('60') }, 1_800_000],
    ['a hasty interval', { interval: 1 }, 60_000],
    ['an endless interval', { interval: 1e12 }, 86_400_000],
  ])('stays sane with %s', (_, dict, interval) => {
    expect(read(dict).result).toMatchObject({ interval });
  });

  it('leaves out counts and texts that are malformed', () => {
    const { result, trackerId } = read({
      complete: -1,
      incomplete: text('x'),
      'min interval': text('x'),
      'warning message': 3,
      'tracker id': text('x'.repeat(257)),
    });
    expect(result).toEqual({ kind: 'answer', interval: 1_800_000, peers: [] });
    expect(trackerId).toBeUndefined();
  });

  it.each([
    ['minutes', 5, 300_000],
    ['minutes as text', text('5'), 300_000],
    ['never', text('never'), Infinity],
    ['nonsense', text('soon'), undefined],
    ['less than nothing', -5, undefined],
  ])('reads a refusal with a retry time of %s', (_, value, retryIn) => {
    const { result } = read({ 'failure reason': text('not \u0007registered'), 'retry in': value });
    expect(result).toEqual({ kind: 'refusal', reason: 'not registered', ...(retryIn !== undefined && { retryIn }) });
  });

  it.each([
    ['an interval', { interval: 1800 }, 1_800_000],
    ['a hasty one', { interval: 1 }, 60_000],
    ['one without end', { interval: 1e12 }, 86_400_000],
    ['a least interval', { 'min interval': 900 }, 900_000],
    ['both: the longer counts', { interval: 1800, 'min interval': 900 }, 1_800_000],
    ['a retry time too: that one counts', { interval: 1800, 'retry in': 1 }, 60_000],
    ['a retry time that is none', { interval: 1800, 'retry in': text('soon') }, 1_800_000],
    ['none that is any', { interval: -1 }, undefined],
  ])('reads a refusal with %s', (_, fields, retryIn) => {
    const { result } = read({ 'failure reason': text('wait'), ...fields });
    expect(result).toEqual({ kind: 'refusal', reason: 'wait', ...(retryIn !== undefined && { retryIn }) });
  });

  it('bounds a reason, and has one where the tracker gives none', () => {
    const long = read({ 'failure reason': text('x'.repeat(5000)) }).result;
    expect(long.kind === 'refusal' && long.reason.length).toBe(200);
    expect(read({ 'failure reason': 7 }).result).toEqual({ kind: 'refusal', reason: 'no reason given' });
  });

  it('takes 2,000 peers at most, in either form', () => {
    const compact = new Uint8Array(6 * 3000).fill(10);
    const dicts = Array.from({ length: 3000 }, () => ({ ip: text('10.0.0.1'), port: 9 }));
    for (const peers of [compact, dicts]) {
      const { result } = read({ interval: 60, peers, peers6: new Uint8Array(18 * 10).fill(0x20) });
      expect(result.kind === 'answer' && result.peers.length).toBe(2000);
    }
  });

  it('throws nothing but EnsembleError, whatever comes', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .dictionary(
          fc.constantFrom('interval', 'peers', 'peers6', 'complete', 'failure reason'),
          fc.oneof(
            fc.maxSafeInteger(),
            fc.uint8Array({ maxLength: 40 }),
            fc.array(fc.oneof(fc.integer(), fc.uint8Array({ maxLength: 4 })), { maxLength: 4 }),
          ),
        )
        .map((dict) => encode(dict)),
    );
    fc.assert(
      fc.property(body, (data) => {
        try {
          readHttpAnswer(data);
        } catch (error) {
          expect(error).toBeInstanceOf(EnsembleError);
        }
      }),
    );
  });
});
