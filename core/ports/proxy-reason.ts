import type { CloseReason, ProxyTalk } from './net.ts';

/** Errors of this machine, whatever the proxy. */
const OURS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'EMFILE', 'ENFILE']);

/**
 * Why a connection ended before the proxy had connected it with its target. As long as the proxy has not been asked for that, it is the
 * proxy's fault; afterwards what takes too long, or is broken off, is the target.
 */
export function reasonByProxy(reason: CloseReason, talk: Pick<ProxyTalk, 'asked'>): CloseReason {
  if (reason.kind === 'local' || (reason.kind === 'error' && OURS.has(reason.code))) return reason;
  if (!talk.asked) return reason.kind === 'error' && reason.code === 'EPROXYAUTH' ? reason : PROXY;
  return reason.kind === 'remote' ? { kind: 'error', code: 'EHOSTUNREACH' } : reason;
}

const PROXY: CloseReason = { kind: 'error', code: 'EPROXY' };
