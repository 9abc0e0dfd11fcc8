import * as v from 'valibot';
import { span, whole } from './values.ts';

// `access.json` in the state folder: who may use the served UI, over its restarts.

export const ACCESS_VERSION = 2;
const secret = v.pipe(v.string(), v.regex(/^[\w-]{16,128}$/));

/** The hash of a password by scrypt (RFC 7914), with its cost. */
const password = v.object({
  n: v.picklist([16_384, 32_768, 65_536, 131_072]),
  r: whole(1, 16),
  p: whole(1, 16),
  salt: secret,
  hash: secret,
});
export type KeptPassword = v.InferOutput<typeof password>;

/** A browser that was let in: the hash of its session, and about when it was last used, Unix milliseconds. */
const session = v.object({ hash: secret, used: span });
export type KeptSession = Readonly<v.InferOutput<typeof session>>;

export const accessFile = v.object({
  password: v.exactOptional(password),
  /** The session that was used longest ago first; those of version 1 are hashes alone. */
  sessions: v.pipe(v.array(v.union([session, secret])), v.maxLength(1000)),
});
export type KeptAccessFile = v.InferOutput<typeof accessFile>;
