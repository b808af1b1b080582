/** So much memory for everybody together: whoever wants more waits, first come first served. */
export class Budget {
  readonly #whole: number;
  #left: number;
  readonly #waiting: { amount: number; enter: () => void }[] = [];

  constructor(whole: number) {
    this.#whole = whole;
    this.#left = whole;
  }

  async with<T>(wanted: number, work: () => Promise<T>): Promise<T> {
    // Who wants more than there is gets it all.
    const amount = Math.min(wanted, this.#whole);
    if (this.#waiting.length > 0 || amount > this.#left) {
      await new Promise<void>((enter) => this.#waiting.push({ amount, enter }));
    } else this.#left -= amount;
    try {
      return await work();
    } finally {
      this.#left += amount;
      for (let next = this.#waiting[0]; next && next.amount <= this.#left; next = this.#waiting[0]) {
        this.#waiting.shift();
        this.#left -= next.amount;
        next.enter();
      }
    }
  }
}
