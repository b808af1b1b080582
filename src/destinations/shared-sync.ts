/**
 * Lets calls that come together share one piece of work, for work that covers all that happened before it began. A
 * call that comes while it is under way cannot know whether it is covered, so it waits for the next one, with all
 * others that came meanwhile.
 */
export class SharedSync {
  readonly #folders = new Map<string, { running: Promise<void>; next?: Promise<void> }>();

  run(key: string, work: () => Promise<void>): Promise<void> {
    const folder = this.#folders.get(key);
    if (folder === undefined) return this.#start(key, work);
    folder.next ??= folder.running.then(
      () => this.#start(key, work),
      () => this.#start(key, work),
    );
    return folder.next;
  }

  #start(key: string, work: () => Promise<void>): Promise<void> {
    const folder: { running: Promise<void>; next?: Promise<void> } = { running: work() };
    this.#folders.set(key, folder);
    const forget = () => {
      if (this.#folders.get(key) === folder && folder.next === undefined) this.#folders.delete(key);
    };
    folder.running.then(forget, forget);
    return folder.running;
  }
}
