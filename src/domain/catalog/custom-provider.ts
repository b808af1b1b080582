import type { CustomProviderId } from "#core/ids.ts";

/** A provider that a workspace has defined. Connections name it by its key. */
export interface CustomProvider extends CustomProviderSummary {
  /** As its author wrote it. */
  definition: Readonly<Record<string, unknown>>;
}

export interface CustomProviderSummary {
  id: CustomProviderId;
  name: string;
  displayName: string;
  /** How many actions it has. */
  actions: number;
  active: boolean;
  /** Grows with every change. */
  version: number;
  createdAt: Date;
  createdBy: string | undefined;
  updatedAt: Date;
  updatedBy: string | undefined;
  /** Connections that name it. */
  connections: number;
}

const PREFIX = "custom-";

/** No built-in provider is called so (SR-37). */
export const customKey = (name: string): string => `${PREFIX}${name}`;

/** The name of a custom provider by its key; undefined for a key of another kind. */
export const customNameOf = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;
