import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeServices } from '../bridge/testing/fake-services.ts';
import { BridgeHost } from '../bridge/host/host.ts';
import type { Engine } from '../engine/engine.ts';
import { FakeContent } from '../engine/testing/fake-content.ts';
import { movingEngine } from '../engine/testing/moving-engine.ts';
import { VirtualClock } from '../sim/clock.ts';
import { HttpServing } from './http-serving.ts';

const DATA = new TextEncoder().encode('verified');
const content = new FakeContent([{ path: ['T', 'a'], data: DATA }]);
const AT = { host: '127.0.0.1', port: 0 };

let engine: Engine;
let serving: HttpServing;
beforeEach(() => {
  engine = movingEngine(new VirtualClock(), []);
  engine.content = (key) => (key === content.key ? content : undefined);
  serving = new HttpServing(engine);
});
afterEach(() => serving.close());

const get = async (url: string): Promise<string> => (await fetch(`${url}T/a`)).text();

test('files are served once it is on, and no more once it is off', async () => {
  expect([serving.urls, serving.urlOf(content.key)]).toEqual([[], null]);
  const kept = await serving.set({ on: true, ...AT });
  const url = serving.urlOf(content.key)!;
  expect(url.startsWith(serving.urls[0]!)).toBe(true);
  expect(await get(url)).toBe('verified');
  await serving.set({ ...kept, on: false });
  expect([serving.urls, serving.urlOf(content.key)]).toEqual([[], null]);
  await expect(get(url)).rejects.toThrow();
});

test('the path stays the same over restarts and is no other download’s', async () => {
  const kept = await serving.set({ on: true, ...AT });
  const pathOf = (one: HttpServing): string => new URL(one.urlOf(content.key)!).pathname;
  const before = pathOf(serving);
  expect(before).not.toContain(kept.secret!);
  const next = new HttpServing(engine);
  await next.start(kept, () => undefined);
  expect(pathOf(next)).toBe(before);
  // Nobody has looked at it in this run.
  expect(await get(`${next.urls[0]!.slice(0, -1)}${before}`)).toBe('verified');
  await next.close();
  const other = new HttpServing(engine);
  await other.set({ on: true, ...AT });
  expect(pathOf(other)).not.toBe(before);
  await other.close();
});

test('where it cannot listen it goes on as before, and at the start that is a warning', async () => {
  await serving.set({ on: true, ...AT });
  const url = serving.urlOf(content.key)!;
  const taken = { on: true, host: '127.0.0.1', port: Number(new URL(url).port) };
  const other = new HttpServing(engine);
  const before = await other.set({ on: true, ...AT });
  await expect(other.set({ ...before, port: taken.port })).rejects.toMatchObject({ code: 'network' });
  expect(await get(other.urlOf(content.key)!)).toBe('verified');
  await other.close();
  const warnings: string[] = [];
  await other.start(taken, (text) => warnings.push(text));
  expect(warnings).toHaveLength(1);
  expect(await get(url)).toBe('verified');
});

test('a window turns it on and sees where; the secret is kept with the settings, and what fails is not', async () => {
  const clock = new VirtualClock();
  const services = { ...fakeServices(clock, engine), serving };
  const host = new BridgeHost(services);
  const set = (changes: object) =>
    host.call('changeSettings', { changes: { http: { ...host.state.settings.http, ...changes } } });
  await set({ on: true });
  expect(host.state.serving).toHaveLength(1);
  const { secret } = host.state.settings.http;
  expect(secret).toMatch(/^[\w-]{43}$/);
  await expect(set({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'network' });
  expect(host.state.settings.http).toMatchObject({ host: '127.0.0.1', secret });
  await host.call('changeSettings', { changes: { http: { on: false, ...AT } } });
  expect(host.state).toMatchObject({ serving: [], settings: { http: { on: false, secret } } });
  await host.close();
});
