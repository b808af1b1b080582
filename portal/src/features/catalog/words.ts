const categories: Record<string, string> = {
  files: "Files",
  publishing: "Publishing",
  processing: "Processing",
  custom: "Custom",
};
export const categoryWord = (category: string) => categories[category] ?? category;

const parts: Record<string, string> = {
  files: "Files",
  changes: "Change feed",
  actions: "Actions",
  publish: "Publishing",
  webhooks: "Webhooks",
};
export const partWord = (part: string) => parts[part] ?? part;

const signIns: Record<string, string> = {
  none: "no sign-in",
  api_key: "API key",
  bearer: "access token",
  basic: "name and password",
  oauth2_authorization_code: "sign-in at the provider",
  oauth2_client_credentials: "app credentials",
};
export const signInWord = (way: string | undefined) => (way ? (signIns[way] ?? way) : "no sign-in");
