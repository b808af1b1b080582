/** The path of a folder below another one, written as the server does: a `/` in a name is another character there. */
export const below = (path: string, name: string): string => `${path}/${name.replaceAll("/", "\u2215")}`;
