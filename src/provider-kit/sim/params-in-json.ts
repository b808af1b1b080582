/** The members of a JSON object as parameters, with values as texts; nothing where it is no object. */
export function paramsInJson(text: string): URLSearchParams | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return new URLSearchParams(Object.entries(value).map(([name, one]) => [name, String(one)]));
  } catch {
    return undefined;
  }
}
