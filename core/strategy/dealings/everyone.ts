import type { Dealing } from './dealing.ts';

/** Every peer goes to each identity, as if they knew nothing of each other: behind one address, whoever is first has it. */
export const everyone: Dealing = {
  peers: ({ peers, identities }) => {
    const all = peers.map(({ endpoint }) => endpoint);
    return new Map(identities.map(({ index }) => [index, all]));
  },
  evensOut: false,
};
