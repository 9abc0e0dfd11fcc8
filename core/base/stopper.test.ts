import { expect, it } from 'vitest';
import { Stopper } from './stopper.ts';

it('tells all that listen, once, and nobody who has gone', () => {
  const stopper = new Stopper();
  const heard: string[] = [];
  const hear = (name: string) => () => void heard.push(name);
  const [a, b, c] = [hear('a'), hear('b'), hear('c')];
  for (const one of [a, b, b, c]) stopper.addEventListener('abort', one);
  stopper.removeEventListener('abort', a);
  stopper.abort('late');
  stopper.abort('later');
  stopper.addEventListener('abort', a);
  expect(heard).toEqual(['b', 'c']);
  expect([stopper.aborted, stopper.reason]).toEqual([true, 'late']);
});

it('a listener may take others away, and the only one itself', () => {
  const stopper = new Stopper();
  const heard: number[] = [];
  const last = (): void => void heard.push(2);
  stopper.addEventListener('abort', () => stopper.removeEventListener('abort', last));
  stopper.addEventListener('abort', last);
  stopper.abort();
  expect(heard).toEqual([]);
  expect(stopper.reason).toMatchObject({ name: 'AbortError' });

  const one = new Stopper();
  const only = (): void => one.removeEventListener('abort', only);
  one.addEventListener('abort', only);
  one.removeEventListener('abort', only);
  one.abort();
  expect(one.aborted).toBe(true);
});
