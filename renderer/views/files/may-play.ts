import { isPlayable, mediaType } from '../../../core/base/media-type.ts';

/** Whether a file can be played: in the desktop application any film and music, in a browser what that itself can play. */
export function mayPlay(path: string, desktop: boolean): boolean {
  return isPlayable(path) && (desktop || tag(path).canPlayType(mediaType(path)) !== '');
}

/** Whether it is only to be heard. */
export function isSound(path: string): boolean {
  return mediaType(path).startsWith('audio/');
}

const probes = new Map<'audio' | 'video', HTMLMediaElement>();

function tag(path: string): HTMLMediaElement {
  const name = isSound(path) ? 'audio' : 'video';
  const known = probes.get(name) ?? document.createElement(name);
  probes.set(name, known);
  return known;
}
