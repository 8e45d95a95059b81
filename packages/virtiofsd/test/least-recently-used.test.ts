import { expect, it } from 'vitest';
import { DescriptorCache, NONE } from '../src/passthrough/descriptor-cache.js';

const RECENT = 16;

function cacheOf(count: number): DescriptorCache {
  const cache = new DescriptorCache();
  for (let i = 0; i < count; i++) cache.add(100 + i, 1 + i);
  return cache;
}

it('the 16 used last are never offered', () => {
  const cache = cacheOf(RECENT);
  expect(cache.victim()).toBe(NONE);
  const many = cacheOf(500);
  for (let round = 0; round < 2000; round++) {
    const used = Array.from({ length: RECENT }, (_, i) => 100 + ((round * 31 + i * 7) % 500));
    for (const descriptor of used) many.touch(descriptor);
    expect(used).not.toContain(many.victim());
  }
});

it('what is used all the time stays, what is not goes', () => {
  const cache = cacheOf(1000);
  const victims = new Set<number>();
  for (let round = 0; round < 900; round++) {
    for (let hot = 0; hot < 50; hot++) cache.touch(100 + hot * 20);
    const victim = cache.victim();
    victims.add(victim);
    expect(cache.slotOf(victim)).toBe(victim - 99);
    cache.remove(victim);
  }
  expect(victims.size).toBe(900);
  for (let hot = 0; hot < 50; hot++) expect(victims.has(100 + hot * 20)).toBe(false);
  expect(cache.size).toBe(100);
});

it('forgets what was removed, and can be told of it again', () => {
  const cache = cacheOf(40);
  for (let i = 0; i < 40; i++) cache.remove(100 + i);
  cache.remove(100);
  cache.remove(99_999);
  expect([cache.size, cache.victim()]).toEqual([0, NONE]);
  cache.add(5000, 7);
  cache.add(5000, 7);
  expect(cache.size).toBe(1);
  expect(cache.find((slot) => slot === 7)).toBe(7);
  cache.clear();
  expect(cache.find(() => true)).toBe(undefined);
});
