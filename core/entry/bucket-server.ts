import type { StorePlace } from '../base/store-place.ts';
import { natsServer } from '../node/nats-buckets.ts';
import type { BucketServer } from '../ports/buckets.ts';

/** The server at a place; what the URL does not tell of credentials the environment does. */
export const bucketServer = (place: StorePlace): BucketServer => natsServer(place, process.env);
