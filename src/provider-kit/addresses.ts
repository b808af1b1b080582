/** Where a provider is reached, where that is not the real service: a simulator, a proxy, a sovereign cloud. No slash at the end. */
export interface ProviderAddresses {
  readonly api?: string;
  readonly authorize?: string;
  readonly token?: string;
  readonly revoke?: string;
}
