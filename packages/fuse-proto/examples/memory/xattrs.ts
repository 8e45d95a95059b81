import type { PageBudget } from './sparse-file.js';

const PAGE = 4096;
/** What an attribute takes besides its name and value, about. */
const OVERHEAD = 64;

const sizeOf = (name: string, value: Uint8Array) => OVERHEAD + name.length + value.length;

/** The extended attributes of an inode, which take memory as its content does: in pages. */
export class Xattrs {
  readonly #values = new Map<string, Uint8Array>();
  readonly #budget: PageBudget;
  #size = 0;

  constructor(budget: PageBudget) {
    this.#budget = budget;
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): Uint8Array | undefined {
    return this.#values.get(name);
  }

  /** Returns false, and changes nothing, if there is not enough memory. */
  set(name: string, value: Uint8Array): boolean {
    const old = this.#values.get(name);
    if (!this.#resize(this.#size - (old ? sizeOf(name, old) : 0) + sizeOf(name, value))) return false;
    this.#values.set(name, value);
    return true;
  }

  /** Returns false if there is no such attribute. */
  delete(name: string): boolean {
    const old = this.#values.get(name);
    if (old === undefined) return false;
    this.#resize(this.#size - sizeOf(name, old));
    return this.#values.delete(name);
  }

  clear(): void {
    this.#values.clear();
    this.#resize(0);
  }

  #resize(size: number): boolean {
    const pages = Math.ceil(size / PAGE) - Math.ceil(this.#size / PAGE);
    if (pages > this.#budget.free) return false;
    this.#budget.free -= pages;
    this.#size = size;
    return true;
  }
}
