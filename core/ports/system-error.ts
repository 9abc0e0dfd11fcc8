import { EnsembleError } from '../base/errors.ts';

/** An error as a system call gives it: `code` is its name, such as ENOSPC. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const DISK_ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, or choose another folder',
  EDQUOT: 'Your disk quota is used up: make room, or choose another folder',
  EACCES: 'Permission denied: change its permissions, or choose another folder',
  EPERM: 'Not permitted: change its permissions, or choose another folder',
  EROFS: 'The disk is read-only: choose another folder',
  ENOENT: 'There is no such file or folder: check the path',
  EEXIST: 'Something is there already: move it away, or choose another name',
  ELOOP: 'A link is in the way: links are not followed here, give the path that it leads to',
  EISDIR: 'A folder is where a file should be: move it away, or choose another name',
  ENOTDIR: 'A part of the path is no folder: check the path',
  ENOTEMPTY: 'The folder is not empty: move what is in it away',
  EMFILE: 'Too many files are open: raise the limit of open files (ulimit -n)',
  ENFILE: 'Too many files are open on this machine: close other programs',
  EIO: 'The disk reported an error: check the disk',
  ENXIO: 'The device is gone: attach it again',
  ENODEV: 'The device is gone: attach it again',
  ESTALE: 'The network drive does not know the file any more: attach the drive again',
  EXDEV: 'The two paths are on different disks: choose folders on one disk',
  EFBIG: 'The file system takes no file of this size: choose a folder on another disk',
  ENAMETOOLONG: 'The name is too long for this file system: choose a shorter one',
  EINVAL: 'That is no ordinary file, or the file system cannot do this: choose another folder',
  EMLINK: 'The file has a second name elsewhere, and would be changed there, too: remove one of them',
  EBUSY: 'Another program uses the file: close that program',
  ETXTBSY: 'Another program runs the file: close that program',
};

/** The disk's refusal as a sentence: the cause first, then what to do, what was tried and with which path. `action` such as `write`. */
export function diskError(action: string, path: string, cause: unknown): EnsembleError {
  if (cause instanceof EnsembleError) return cause;
  const code = codeOf(cause);
  const advice = (code === undefined ? undefined : DISK_ADVICE[code]) ?? 'The disk failed: check the disk and the path';
  const failed = code === undefined ? '' : `, ${code}`;
  return new EnsembleError('disk', `${advice} (cannot ${action} ${path}${failed}).`, { cause });
}

/** A file that is read as a whole is longer than any that its reader makes. */
export function tooLong(path: string, maxBytes: number): EnsembleError {
  return new EnsembleError(
    'disk',
    `The file is longer than ${maxBytes} bytes: check that this is the right one (cannot read ${path}).`,
  );
}

const NETWORK_ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use: choose another port, or close the program that has it',
  EADDRNOTAVAIL: 'this machine does not have that address: check the address and its link',
  EACCES: 'permission denied: choose a port above 1023, or check the firewall',
  ECONNREFUSED: 'nothing listens there: check the address and port',
  ECONNRESET: 'the other side broke the connection: try again later',
  EHOSTUNREACH: 'there is no way to that host: check the link',
  ENETUNREACH: 'there is no way to that network: check the link',
  ENOTFOUND: 'the name is not known: check it, and the name server',
  EAI_AGAIN: 'the name server does not answer: check the link',
  ETIMEDOUT: 'no answer in time: try again later',
  EMSGSIZE: 'the datagram is too long for the network',
  EAFNOSUPPORT: 'this machine does not speak that address family: use an address of the other one',
  EMFILE: 'too many files are open: raise the limit of open files (ulimit -n)',
  EPROXY: 'the proxy cannot be reached, or is none: check its address, and that it runs',
  EPROXYAUTH: 'the proxy does not accept the user name and password: check them',
  EOPNOTSUPP: 'the proxy cannot do this',
};

/** The network's refusal as a sentence. `action` such as `listen on 10.0.0.1:6881`. */
export function networkError(action: string, cause: unknown): EnsembleError {
  const code = codeOf(cause);
  const advice = (code === undefined ? undefined : NETWORK_ADVICE[code]) ?? messageFor(cause);
  return new EnsembleError('network', `cannot ${action}: ${advice}${code === undefined ? '' : ` (${code})`}`, {
    cause,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function messageFor(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'check the network';
}
