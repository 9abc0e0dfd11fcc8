import { EnsembleError } from '../core/base/errors.ts';

/** A line by which a file of ours is told from one of somebody else's with the same name. */
const MARK = 'X-Ensemble-Autostart=1';
/** Names of programs and folders have none, and in a desktop entry they would begin another line. */
// oxlint-disable-next-line no-control-regex -- they are what must go
const CONTROL = /[\x00-\x1f\x7f]/;

/**
 * A desktop entry that starts a program when its user logs in (freedesktop.org: "Desktop Application Autostart" and "Desktop Entry").
 * `words`: the program and its arguments, as they are. Throws EnsembleError('usage') for words that no entry can hold.
 */
export function autostartEntry(name: string, words: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    `Name=${name}`,
    'Comment=A BitTorrent client',
    `Exec=${execLine(words)}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    MARK,
    '',
  ].join('\n');
}

/** Whether we wrote an entry. */
export function isOurEntry(text: string): boolean {
  return text.split('\n').includes(MARK);
}

/** Whether an entry of ours starts something: desktops switch entries off without removing them. */
export function isOn(text: string): boolean {
  const off = ['Hidden=true', 'X-GNOME-Autostart-enabled=false'];
  return isOurEntry(text) && !text.split('\n').some((line) => off.includes(line.trim()));
}

/** Each word quoted: first for the command, then as a string of the entry, where `%` begins a field code. */
function execLine(words: readonly string[]): string {
  const bad = words.find((word) => CONTROL.test(word));
  if (bad !== undefined) {
    throw new EnsembleError('usage', `${JSON.stringify(bad)} cannot be started at login: move it to another folder.`);
  }
  const quoted = words.map((word) => `"${word.replace(/["`$\\]/g, '\\$&')}"`);
  return quoted.join(' ').replaceAll('\\', '\\\\').replaceAll('%', '%%');
}
