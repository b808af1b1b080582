/** A card is shown before there is a config. What a provider can only tell from one, the card leaves out. */
export function beforeConfig<T>(tell: () => readonly T[]): readonly T[] {
  try {
    return tell();
  } catch {
    return [];
  }
}
