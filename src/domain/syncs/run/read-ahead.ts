/** Takes up to `most` items before they are asked for. Whoever stops does not wait for those that are on their way. */
export async function* readAhead<Item>(items: AsyncGenerator<Item>, most: number): AsyncGenerator<Item> {
  const coming: Promise<IteratorResult<Item>>[] = [];
  const take = () => {
    const next = items.next();
    // It is told to whoever comes to it; nobody may.
    next.catch(() => {});
    coming.push(next);
  };
  try {
    for (let n = 0; n < most; n++) take();
    for (;;) {
      const { done, value } = (await coming.shift()) as IteratorResult<Item>;
      if (done) return;
      take();
      yield value;
    }
  } finally {
    items.return(undefined).catch(() => {});
  }
}
