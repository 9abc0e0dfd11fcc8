import type { ScenarioSource } from './read-scenario.ts';

// Scenarios that the program brings along, as anybody would write them. A to D are the swarms of our benchmarks with real clients.

const A = `
name: A
about: >
  A flash crowd. Four seeds with four slots each have most of the capacity; twelve leechers come with the user.
payload: {size: 96 MiB, piece: 256 KiB}
seeds: {count: 4, up: 16 Mbit/s, slots: 4}
leechers: {count: 12, up: 4 Mbit/s, slots: 8}
user: {K: 1, addresses: own, up: 4 Mbit/s, slots: 8}
limit: 240
`;

const B = `
name: B
about: >
  Leechers dominate. One seed, and sixteen leechers that have most of the capacity: what one uploads decides what one gets.
payload: {size: 64 MiB, piece: 256 KiB}
seeds: {count: 1, up: 12 Mbit/s, slots: 8}
leechers: {count: 16, up: 6 Mbit/s, slots: 8}
user: {K: 1, addresses: own, up: 6 Mbit/s, slots: 8}
limit: 240
`;

const C = `
name: C
about: >
  Links. The seeds have plenty, and the user's links are what is scarce: four of 20 Mbit/s, an identity on each.
payload: {size: 128 MiB, piece: 256 KiB}
seeds: {count: 4, up: 200 Mbit/s, slots: 8}
user:
  K: 4
  addresses: links
  links:
    - {up: 20 Mbit/s, down: 20 Mbit/s}
    - {up: 20 Mbit/s, down: 20 Mbit/s}
    - {up: 20 Mbit/s, down: 20 Mbit/s}
    - {up: 20 Mbit/s, down: 20 Mbit/s}
  slots: 8
limit: 240
`;

const D = `
name: D
about: >
  A steady swarm. As A, but leechers come one after the other and leave when they have all; some eleven are there at any time. The
  user comes after 70 seconds.
payload: {size: 64 MiB, piece: 256 KiB}
seeds: {count: 4, up: 16 Mbit/s, slots: 4}
leechers: {count: 44, up: 4 Mbit/s, slots: 8, arrive: {every: 5}, leave: at completion}
user: {K: 1, addresses: own, up: 4 Mbit/s, slots: 8, arrive: 70}
limit: 330
`;

const PAPER = `
name: paper
about: >
  After "Multiple Identities in BitTorrent Networks" (Sun, Banerjee, Faloutsos, NETWORKING 2007). Its abstract tells no numbers of the
  swarm, so this is an ordinary one of its time: a few seeds, and leechers that come at random and go on to seed for a while. Sweep
  user.K=1,2,4,8, user.selection=fixed,random and user.share=true,false.
payload: {size: 64 MiB, piece: 256 KiB}
seeds: {count: 2, up: 4 Mbit/s, slots: 4}
leechers: {count: 30, up: 1 Mbit/s, down: 8 Mbit/s, slots: 4, arrive: {poisson: 20}, leave: 120}
user: {K: 1, addresses: own, up: 1 Mbit/s, down: 8 Mbit/s, selection: fixed, slots: 4, arrive: 300}
limit: 3600
`;

const FREE_RIDER = `
name: free-rider
about: >
  The user uploads next to nothing, and a third of the leechers nothing at all. Do identities get what a free rider is denied?
payload: {size: 64 MiB, piece: 256 KiB}
seeds: {count: 2, up: 8 Mbit/s, slots: 4}
leechers:
  - {count: 12, up: 4 Mbit/s, slots: 4}
  - {count: 6, up: 4 Mbit/s, slots: 0}
user: {K: 1, addresses: own, up: 4 Mbit/s, limit: 1 KiB/s, slots: 4}
limit: 900
`;

const ONE_ADDRESS = `
name: one-address
about: >
  All identities behind one address, from which others take one connection each: the peers have to be dealt among the identities.
payload: {size: 96 MiB, piece: 256 KiB}
seeds: {count: 4, up: 16 Mbit/s, slots: 4}
leechers: {count: 12, up: 4 Mbit/s, slots: 8}
user: {K: 4, addresses: one, up: 4 Mbit/s, slots: 8}
limit: 480
`;

const TINY = `
name: tiny
about: >
  A swarm of a few seconds, to see that everything works.
payload: {size: 4 MiB, piece: 64 KiB}
seeds: {count: 2, up: 8 Mbit/s, slots: 2}
leechers: {count: 3, up: 4 Mbit/s, slots: 4}
user: {K: 1, addresses: own, up: 4 Mbit/s, slots: 4}
limit: 120
`;

/** The scenarios that can be named in place of a file. */
export const BUILT_IN: ReadonlyMap<string, ScenarioSource> = new Map(
  Object.entries({
    A,
    B,
    C,
    D,
    paper: PAPER,
    'free-rider': FREE_RIDER,
    'one-address': ONE_ADDRESS,
    tiny: TINY,
  }).map(([name, text]) => [name, { file: name, text: text.trimStart() }]),
);
