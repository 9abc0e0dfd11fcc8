import type { ServerResponse } from 'node:http';
import { escaped } from '../../core/base/escaped.ts';

/** What a page of ours may do: load its own files and talk to this server; nothing inline, nothing from elsewhere. */
export function securityHeaders(host: string | undefined, secure: boolean): readonly (readonly [string, string])[] {
  // Older browsers do not count ws: as 'self'. The header has been checked before it is used in an answer.
  const socket = /^[\w.:[\]-]+$/.test(host ?? '') ? ` ${secure ? 'wss' : 'ws'}://${host}` : '';
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self'",
    `connect-src 'self'${socket}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    // The field for token or password.
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  return [
    ['Content-Security-Policy', policy],
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Frame-Options', 'DENY'],
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    ['Permissions-Policy', 'camera=(), microphone=(), geolocation=(), usb=(), payment=()'],
    ['Cache-Control', 'no-store'],
  ];
}

/** A page with one sentence. */
export function notice(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Ensemble</title><h1>Ensemble</h1><p>${text}</p></html>\n`,
  );
}

/** As `notice`, and closes the connection after it, whatever else comes. */
export function refuse(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Connection', 'close');
  notice(response, status, text);
}

/** For visitors whom another site sent here: that site may not request anything, but a person may go on from our own page. */
export function crossingPage(response: ServerResponse): void {
  refuse(response, 403, 'Another site asked for this page. <a href="">Open it</a> if that was you.');
}

/**
 * Leads on to the UI without the token in the address. It is a page and not a redirect: after a link on another site, a redirected
 * request would come without the Strict cookie that this answer sets.
 */
export function arrivalPage(response: ServerResponse, base: string): void {
  const to = escaped(base);
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Ensemble</title>' +
      `<meta http-equiv="refresh" content="0; url=${to}"><p><a href="${to}">Open Ensemble</a></p></html>\n`,
  );
}

/** Asks for the token or the password; `problem`: a sentence on what was wrong before. */
export function entryPage(response: ServerResponse, status: number, base: string, problem = ''): void {
  // Without a referrer browsers do not tell either that its form is our own.
  response.setHeader('Referrer-Policy', 'same-origin');
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Ensemble</title>' +
      '<meta name="viewport" content="width=device-width, initial-scale=1"><h1>Ensemble</h1>' +
      (problem === '' ? '' : `<p role="alert">${escaped(problem)}</p>`) +
      '<p>Open the address that <code>ensemble serve</code> printed: it bears the token that lets you in. Or type the token or your password.</p>' +
      `<form method="post" action="${escaped(base)}"><label>Token or password ` +
      '<input type="password" name="secret" autocomplete="current-password" required autofocus></label> ' +
      '<button type="submit">Open</button></form></html>\n',
  );
}
