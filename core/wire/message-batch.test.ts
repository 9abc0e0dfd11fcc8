import { expect, test, vi } from 'vitest';
import { piece } from '../base/ids.ts';
import { MessageBatch } from './message-batch.ts';

test('what may wait leaves with what may not, in order, and asks for nothing by itself', () => {
  const due = vi.fn();
  const batch = new MessageBatch(due);
  batch.haveLater(piece(1));
  expect(due).not.toHaveBeenCalled();
  batch.interested();
  batch.have(piece(2));
  expect(due).toHaveBeenCalledOnce();
  expect([...(batch.take() ?? [])]).toEqual([0, 0, 0, 5, 4, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 0, 0, 5, 4, 0, 0, 0, 2]);
  expect(batch.take()).toBeUndefined();
  batch.haveLater(piece(3));
  batch.have(piece(4));
  expect(due).toHaveBeenCalledTimes(2);
});
