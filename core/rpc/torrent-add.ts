import { MAX_IDENTITIES, MAX_PEERS, MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import { readPasted } from '../base/pasted.ts';
import { isWholePath } from '../base/whole-path.ts';
import type { Preview } from '../bridge/contract.ts';
import type { AddOptions } from '../engine/download-options.ts';
import type { Source } from '../engine/engine.ts';
import { firstOptions } from '../engine/first-options.ts';
import { NORMAL } from '../engine/values.ts';
import type { Answer, Args } from './args.ts';
import { chosenPriorities } from './file-choice.ts';
import type { RpcHost } from './host.ts';
import { labelled } from './labels.ts';
import type { World } from './world.ts';

/** `torrent-add`, with `identities` as an argument of ours. */
export async function torrentAdd(world: World, args: Args): Promise<Answer> {
  const { host, ids } = world;
  const folder = args.text('download-dir') ?? '';
  if (folder !== '' && !isWholePath(folder)) {
    throw new EnsembleError('usage', 'download directory path is not absolute');
  }
  const source = await sourceOf(host, args);
  const preview = await host.call('preview', { source });
  const told = (): Answer => ({ id: ids.of(preview.key), name: preview.name, hashString: preview.infoHash });
  if (preview.present) return { 'torrent-duplicate': told() };
  await host.call('add', { source, options: optionsOf(host, args, preview, folder) });
  return { 'torrent-added': told() };
}

async function sourceOf(host: RpcHost, args: Args): Promise<Source> {
  const filename = args.text('filename') ?? '';
  const metainfo = args.text('metainfo') ?? '';
  if (filename !== '') {
    const [link] = readPasted(filename).found;
    if (link === undefined) throw new EnsembleError('invalid-torrent', 'unrecognized info');
    return link.kind === 'magnet' ? link : host.call('fetchTorrent', { url: link.url });
  }
  if (metainfo === '') throw new EnsembleError('usage', 'no filename or metainfo specified');
  const data = new Uint8Array(Buffer.from(metainfo, 'base64'));
  if (data.length === 0 || data.length > MAX_TORRENT_BYTES)
    throw new EnsembleError('invalid-torrent', 'unrecognized info');
  return { kind: 'torrent', data };
}

/** What new downloads begin with, by the settings, and what the client says. */
function optionsOf(host: RpcHost, args: Args, preview: Preview, folder: string): AddOptions {
  const settings = host.settings();
  const labels = labelled(args, settings.categories, '');
  const first = firstOptions(settings, labels?.category);
  const identities = args.whole('identities');
  const peers = args.whole('peer-limit');
  const slots = Array.from({ length: preview.fileSlots }, () => NORMAL);
  const filePriorities = slots.length === 0 ? undefined : chosenPriorities(args, slots);
  return {
    ...first,
    ...labels,
    ...(folder === '' ? {} : { output: folder }),
    // Several on a private torrent have to be confirmed, and here nobody can be asked.
    identities: preview.private ? 1 : Math.min(MAX_IDENTITIES, Math.max(1, identities ?? first.identities ?? 1)),
    ...(peers === undefined ? {} : { maxPeers: Math.min(MAX_PEERS, Math.max(1, peers)) }),
    paused: args.flag('paused') ?? !host.choices().start,
    sequential: args.flag('sequential_download') ?? false,
    ...(filePriorities === undefined ? {} : { filePriorities }),
  };
}
