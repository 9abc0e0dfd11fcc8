import { lookup } from 'mrmime';

/** The media type of a file by the ending of its name; `application/octet-stream` where nobody knows it. */
export function mediaType(name: string): string {
  return lookup(name) ?? 'application/octet-stream';
}

/** Whether a file is a film or music, by the ending of its name. */
export function isPlayable(name: string): boolean {
  return /^(?:audio|video)\//.test(mediaType(name));
}
