import type { AuthType, SignIn } from "../../lib/contract.ts";
import { RadioCards } from "../radio-cards.tsx";

interface WayChoiceProps {
  ways: readonly SignIn[];
  value: AuthType;
  onChange: (type: AuthType) => void;
  disabled?: boolean | undefined;
}

/** Which way to sign in, where a provider has more than one; the first is the one to take in doubt. */
export function WayChoice({ ways, value, onChange, disabled }: WayChoiceProps) {
  if (ways.length < 2) return null;
  return (
    <RadioCards
      legend="How to sign in"
      value={value}
      onChange={onChange}
      disabled={disabled}
      options={ways.map((way) => ({ value: way.type, title: way.label, detail: wayWords[way.type] }))}
    />
  );
}

const wayWords: Record<AuthType, string> = {
  none: "Nothing has to be entered.",
  api_key: "A key from the provider, entered here. It holds until it is revoked.",
  bearer: "A token from the provider, entered here. It holds until it is revoked.",
  basic: "Entered here and sent with each call.",
  oauth2_authorization_code: "You go to the provider, agree there and come back. Hawser never sees your password.",
  oauth2_client_credentials:
    "An app of your own signs in, with nobody present. It reaches what an administrator granted it.",
  service_account: "A machine account signs in with its key file. It reaches what was shared with it.",
  access_key: "The ID and the secret key of an access key. The secret is never sent: each request is signed with it.",
  signing_secret: "A secret that both sides know. It is never sent: what is sent is signed with it.",
  two_step: "Hawser logs in with what you enter and uses what it gets in return.",
};
