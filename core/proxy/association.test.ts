import { expect, test } from 'vitest';
import { networkError, systemError } from '../ports/system-error.ts';
import type { DatagramSocket } from '../ports/datagram.ts';
import type { Connection, ConnectionHandler, DialOptions } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { Association } from './association.ts';
import { ProxyNames } from './names.ts';
import { ProxyLink } from './proxy-link.ts';

/** A connection with the proxy, which the test plays. */
interface Control {
  readonly connection: Connection;
  readonly options: DialOptions;
  readonly handler: ConnectionHandler;
  open: boolean;
}

/** A proxy of which the test says when its answers come. */
function scene() {
  const clock = new VirtualClock();
  const controls: Control[] = [];
  const sockets: { open: boolean }[] = [];
  /** Opens of sockets that wait, while `holds`, and look-ups, while `holdsNames`. */
  const held: (() => void)[] = [];
  const state = { holds: false, holdsNames: false };
  const net = {
    resolve: async (address: string) => {
      if (state.holdsNames) await new Promise<void>((resolve) => held.push(resolve));
      return [{ address, family: 4 as const }];
    },
    dial: (options: DialOptions, handler: ConnectionHandler): Connection => {
      const control: Control = { connection: {} as Connection, options, handler, open: true };
      Object.assign(control.connection, {
        local: { host: '127.0.0.1', port: 4000 },
        destroy: () => ends(control, 'local'),
      });
      controls.push(control);
      return control.connection;
    },
    datagram: async (): Promise<DatagramSocket> => {
      if (state.holds) await new Promise<void>((resolve) => held.push(resolve));
      const socket = { open: true };
      sockets.push(socket);
      return {
        local: { host: '127.0.0.1', port: 5000 },
        send: () => true,
        close: () => (socket.open = false),
      } as never;
    },
  };
  const ends = (control: Control, kind: 'local' | 'remote'): void => {
    if (!control.open) return;
    control.open = false;
    control.handler.closed(control.connection, { kind });
  };
  const ports = { net, clock, http: undefined, interfaces: undefined } as never;
  const link = new ProxyLink({ ports, url: 'socks5://127.0.0.1:1080', from: undefined, address: '242.0.0.1' });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return {
    clock,
    controls,
    link,
    state,
    settle,
    openSockets: () => sockets.filter(({ open }) => open).length,
    openControls: () => controls.filter(({ open }) => open).length,
    open: () => Association.open({ ports, link, names: new ProxyNames(), family: 4 }, { received: () => {} }),
    /** The proxy grants the association that was asked for last. */
    grant: async () => {
      await settle();
      const { handler, connection, options } = controls.at(-1)!;
      options.via!.talk.begin();
      options.via!.talk.received(Uint8Array.of(5, 0));
      options.via!.talk.received(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0x12, 0x34));
      handler.connected?.(connection);
      await settle();
    },
    /** The proxy ends the last connection. */
    drop: async () => {
      ends(controls.at(-1)!, 'remote');
      await settle();
    },
    release: async () => {
      state.holds = state.holdsNames = false;
      for (const go of held.splice(0)) go();
      await settle();
    },
  };
}

test('one that fails to open asks for nothing afterwards', async () => {
  const s = scene();
  s.state.holds = true;
  const opening = s.open().catch((error: unknown) => error);
  await s.grant();
  await s.drop();
  await s.release();
  expect(await opening).toEqual(networkError(`send UDP through ${s.link.shown}`, systemError('EPROXY')));
  await s.clock.advance(120_000);
  expect([s.controls.length, s.openSockets(), s.openControls()]).toEqual([1, 0, 0]);
});

test('one whose connection ends again and again has one of each in the end, and none once it is closed', async () => {
  const s = scene();
  const opening = s.open();
  await s.grant();
  const association = await opening;
  await s.drop();
  expect(s.openSockets()).toBe(0);
  await s.clock.advance(1_000);
  s.state.holds = true;
  await s.grant();
  await s.drop();
  await s.release();
  for (let i = 0; i < 120; i++) {
    await s.clock.advance(1_000);
    await s.settle();
    if (s.openControls() > s.openSockets()) await s.grant();
  }
  expect([s.controls.length, s.openSockets(), s.openControls()]).toEqual([3, 1, 1]);
  association.close();
  expect([s.openSockets(), s.openControls()]).toEqual([0, 0]);
});

test('one that is closed while it asks again says nothing about what the proxy can do', async () => {
  const s = scene();
  const opening = s.open();
  await s.grant();
  const association = await opening;
  await s.drop();
  await s.clock.advance(1_000);
  await s.settle();
  const { talk } = s.controls.at(-1)!.options.via!;
  talk.begin();
  talk.received(Uint8Array.of(5, 0));
  expect(talk.asked).toBe(true);
  association.close();
  await s.settle();
  expect(s.link.noUdp).toBe(false);
  await s.clock.advance(120_000);
  expect(s.openControls()).toBe(0);
});

test('one that is closed before it has asked again dials nobody', async () => {
  const s = scene();
  const opening = s.open();
  await s.grant();
  const association = await opening;
  await s.drop();
  const before = s.controls.length;
  // The name of the proxy is being looked up.
  s.state.holdsNames = true;
  await s.clock.advance(1_000);
  association.close();
  await s.release();
  expect([s.controls.length - before, s.openControls()]).toEqual([0, 0]);
});
