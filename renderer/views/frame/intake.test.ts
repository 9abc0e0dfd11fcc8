import { beforeEach, describe, expect, test } from 'vitest';
import type { BridgeClient } from '../../../core/bridge/contract.ts';
import { MAX_TORRENT_BYTES } from '../../../core/base/bounds.ts';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { takeFiles, takeText } from './intake.ts';

beforeEach(() => ui.setState({ batches: [], toasts: [] }));

/** Says which command it got. */
const program = {
  call: (_name: string, args: { readonly url: string }) => Promise.resolve({ kind: 'torrent', data: args.url }),
} as unknown as Pick<BridgeClient, 'call'>;
const file = (name: string, content = 'x'): File => new File([content], name);
const offered = (): (string | null)[][] =>
  ui.getState().batches.map(({ offers }) => offers.map(({ fileName }) => fileName));
const said = (): string[] => ui.getState().toasts.map(({ message }) => message);

describe('files', () => {
  test.each<[string, string[], string[][], string[]]>([
    ['one torrent', ['a.torrent'], [['a.torrent']], []],
    ['several are one list', ['a.torrent', 'B.TORRENT'], [['a.torrent', 'B.TORRENT']], []],
    ['the rest is told in the list', ['a.torrent', 'x.jpg', 'b.torrent'], [['a.torrent', 'x.jpg', 'b.torrent']], []],
    [
      'beside a single one it is told at once',
      ['x.jpg', 'a.torrent'],
      [['a.torrent']],
      [text.refuse.notTorrent('x.jpg')],
    ],
    ['nothing of use', ['x.jpg', 'y.jpg'], [], [text.refuse.severalNotTorrents('2')]],
    ['nothing', [], [], []],
  ])('%s', (_, names, batches, sentences) => {
    takeFiles(names.map((name) => file(name)));
    expect(offered()).toEqual(batches);
    expect(said()).toEqual(sentences);
  });

  test('are read when they are needed, or refused with a sentence', async () => {
    const large = file('large.torrent');
    Object.defineProperty(large, 'size', { value: MAX_TORRENT_BYTES + 1 });
    const gone = file('gone.torrent');
    gone.arrayBuffer = () => Promise.reject(new Error('NotFoundError'));
    takeFiles([file('a.torrent', 'abc'), file('x.jpg'), large, gone]);
    const read = await Promise.allSettled(ui.getState().batches[0]!.offers.map((offer) => offer.read(program)));
    expect(read).toMatchObject([
      { value: { kind: 'torrent', data: new TextEncoder().encode('abc') } },
      { reason: { message: text.refuse.notTorrent('x.jpg') } },
      { reason: { message: text.refuse.tooLarge('large.torrent') } },
      { reason: { message: text.refuse.unreadable('gone.torrent') } },
    ]);
  });
});

test('links of a text are one list, whatever stands between them', async () => {
  const links = ['a', 'b'].map((hash) => `magnet:?xt=urn:btih:${hash.repeat(40)}`);
  expect(takeText(`# these\n${links.join('\r\n')}\n`)).toBeUndefined();
  const [batch] = ui.getState().batches;
  expect(await Promise.all(batch!.offers.map((offer) => offer.read(program)))).toEqual(
    links.map((link) => ({ kind: 'magnet', link })),
  );
  expect(takeText('no link')).toBe(text.refuse.noLink);
  expect(takeText('a'.repeat(39))).toContain('39');
  expect(ui.getState().batches).toHaveLength(1);
});

test('an address of a torrent file is fetched by the program when it is needed', async () => {
  expect(takeText('https://files.example/some/a.torrent?key=1')).toBeUndefined();
  const [offer] = ui.getState().batches[0]!.offers;
  expect(offer!.fileName).toBe('a.torrent');
  expect(await offer!.read(program)).toEqual({ kind: 'torrent', data: 'https://files.example/some/a.torrent?key=1' });
});
