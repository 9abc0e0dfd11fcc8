import type { EncryptionPolicy } from '../base/choices.ts';
import { EncryptedConnection } from '../mse/connection.ts';
import { dialled, offerOf } from '../mse/policy.ts';
import { torrentSecret } from '../mse/secrets.ts';
import type { Random } from '../ports/random.ts';
import type { EncryptionName } from '../strategy/peers/connect-plan.ts';
import type { Encryption } from './connector.ts';

/** What a policy lets us dial with, in the order in which it is tried. */
export function encryptionsOf(policy: EncryptionPolicy, random: Random): ReadonlyMap<EncryptionName, Encryption> {
  const offer = offerOf(policy);
  const methods: Record<EncryptionName, Encryption> = {
    plain: (beneath) => beneath,
    mse: (beneath, infoHash) => ({
      dial: (options, handler) =>
        EncryptedConnection.dial(beneath, options, handler, { random, secret: torrentSecret(infoHash), offer }),
    }),
  };
  return new Map(dialled(policy).map((name) => [name, methods[name]]));
}
