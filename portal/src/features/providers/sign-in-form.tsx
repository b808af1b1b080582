import { Field } from "../../ui/field.tsx";
import { Select, TextInput } from "../../ui/input.tsx";
import { PairsEditor } from "../../ui/pairs-editor.tsx";
import { Checkbox } from "../../ui/toggle.tsx";
import { type Draft, draftAt, draftsAt, flagAt, pairsAt, put, textAt } from "./draft.ts";
import { ChoiceSetting, NumberSetting, TextSetting, useRefusal, WordsSetting } from "./fields.tsx";
import { JsonSetting } from "./json-setting.tsx";

const ways = [
  { value: "none", label: "None" },
  { value: "api_key", label: "API key" },
  { value: "bearer", label: "Bearer token" },
  { value: "basic", label: "User name and password" },
  { value: "oauth2_authorization_code", label: "OAuth 2.0, a person signs in" },
  { value: "oauth2_client_credentials", label: "OAuth 2.0, client credentials" },
  { value: "service_account", label: "Service account with a key file" },
  { value: "two_step", label: "Log in first, then use the token" },
] as const;
type Way = (typeof ways)[number]["value"];

/** What a way begins with, so that nothing that belongs to another one stays. */
const beginnings: Record<Way, Draft> = {
  none: { type: "none" },
  api_key: { type: "api_key", label: "API key", place: { header: "X-Api-Key" } },
  bearer: { type: "bearer", label: "Access token" },
  basic: { type: "basic", username_label: "User name", password_label: "Password" },
  oauth2_authorization_code: { type: "oauth2_authorization_code", authorize_url: "", token_url: "", scopes: [] },
  oauth2_client_credentials: { type: "oauth2_client_credentials", token_url: "", scopes: [] },
  service_account: { type: "service_account", token_url: "", scopes: [] },
  two_step: {
    type: "two_step",
    fields: [
      { name: "username", label: "User name", secret: false },
      { name: "password", label: "Password", secret: true },
    ],
    login: { method: "POST", url: "", body: "json", params: { username: "{username}", password: "{password}" } },
    answer: { access_token: "token" },
  },
};

interface SignInFormProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

/** How a connection of this provider is signed in. The first way is edited here; several can be written as JSON. */
export function SignInForm({ draft, onChange }: SignInFormProps) {
  const [way = beginnings.none, ...others] = draftsAt(draft, "auth");
  const set = (next: Draft) => onChange(put(draft, "auth", [next, ...others]));
  const type = ways.find(({ value }) => value === textAt(way, "type"))?.value ?? "none";
  return (
    <div className="grid gap-5">
      <Field label="Sign-in" error={useRefusal("/definition/auth/0/type")}>
        <Select value={type} onChange={(next) => set(beginnings[next])} options={ways} />
      </Field>
      <WayForm key={type} type={type} draft={way} onChange={set} at="/definition/auth/0" />
      {others.length > 0 && (
        <p className="text-muted">There are other ways besides this one; they can be edited as JSON.</p>
      )}
    </div>
  );
}

interface WayFormProps {
  type: Way;
  draft: Draft;
  onChange: (draft: Draft) => void;
  at: string;
}

function WayForm({ type, ...shared }: WayFormProps) {
  switch (type) {
    case "none":
      return <p className="text-muted">Requests carry nothing that says who sends them.</p>;
    case "api_key":
      return (
        <>
          <TextSetting {...shared} name="label" label="What the field is called" />
          <KeyPlaceForm {...shared} name="place" />
        </>
      );
    case "bearer":
      return <TextSetting {...shared} name="label" label="What the field is called" />;
    case "basic":
      return (
        <>
          <TextSetting {...shared} name="username_label" label="What the user name is called" />
          <TextSetting
            {...shared}
            name="password_label"
            label="What the password is called"
            optional
            hint="Leave it empty where the key is the user name."
          />
        </>
      );
    case "oauth2_authorization_code":
      return <CodeForm {...shared} />;
    case "oauth2_client_credentials":
      return (
        <>
          <TokenEndpointForm {...shared} />
          <ClientAuthSetting {...shared} />
        </>
      );
    case "service_account":
      return (
        <>
          <TokenEndpointForm {...shared} />
          <TextSetting
            {...shared}
            name="audience"
            label="Audience"
            optional
            mono
            hint="The token address unless said."
          />
        </>
      );
    case "two_step":
      return (
        <>
          <JsonSetting {...shared} name="fields" label="Fields that a person fills in" />
          <JsonSetting {...shared} name="login" label="The request that logs in" />
          <JsonSetting {...shared} name="answer" label="Where the token is in its answer" />
          <KeyPlaceForm {...shared} name="token_place" />
        </>
      );
  }
}

type Shared = Omit<WayFormProps, "type">;

function CodeForm(shared: Shared) {
  const { draft, onChange } = shared;
  return (
    <>
      <TextSetting
        {...shared}
        name="authorize_url"
        label="Authorize address"
        mono
        placeholder="https://id.example.com/oauth/authorize"
      />
      <TokenEndpointForm {...shared} />
      <ClientAuthSetting {...shared} />
      <Checkbox
        checked={flagAt(draft, "pkce", true)}
        onChange={(on) => onChange(put(draft, "pkce", on ? undefined : false))}
        hint="Leave it on unless the provider refuses it."
      >
        PKCE
      </Checkbox>
      <ChoiceSetting
        {...shared}
        name="refresh"
        label="Refresh token"
        options={[
          { value: "stable", label: "Stays the same" },
          { value: "rotating", label: "Is replaced by each refresh" },
          { value: "none", label: "There is none" },
        ]}
      />
      <NumberSetting
        {...shared}
        name="idle_days"
        label="Days until disuse ends it"
        optional
        hint="Hawser renews it before."
      />
      <TextSetting {...shared} name="revoke_url" label="Revocation address" optional mono />
      <section className="grid gap-1.5" aria-label="More parameters of the authorize address">
        <p className="font-medium">More parameters of the authorize address</p>
        <PairsEditor
          label="Parameter"
          hint="Such as access_type=offline"
          keyLabel="Name"
          valueLabel="Value"
          value={pairsAt(draft, "authorize_params")}
          onChange={(params) => onChange(put(draft, "authorize_params", params))}
        />
      </section>
    </>
  );
}

function TokenEndpointForm(shared: Shared) {
  return (
    <>
      <TextSetting
        {...shared}
        name="token_url"
        label="Token address"
        mono
        placeholder="https://id.example.com/oauth/token"
      />
      <WordsSetting {...shared} name="scopes" label="Scopes" optional placeholder="read:files" />
      <ChoiceSetting
        {...shared}
        name="token_body"
        label="Token requests are written as"
        options={[
          { value: "form", label: "Form" },
          { value: "json", label: "JSON" },
          { value: "query", label: "Query of the address" },
        ]}
      />
    </>
  );
}

const ClientAuthSetting = (shared: Shared) => (
  <ChoiceSetting
    {...shared}
    name="client_auth"
    label="The client shows who it is by"
    options={[
      { value: "basic", label: "Basic header" },
      { value: "body", label: "Values in the body" },
      { value: "none", label: "Its id alone" },
    ]}
  />
);

/** Where a key or token stands in a request. */
function KeyPlaceForm({ draft, onChange, name, at }: Shared & { name: string }) {
  const place = draftAt(draft, name);
  const inQuery = "query" in place;
  const error = useRefusal(`${at}/${name}`);
  return (
    <div className="grid grid-cols-[132px_minmax(0,1fr)_minmax(0,1fr)] gap-2 max-md:grid-cols-1">
      <Field label="Stands in">
        <Select
          value={inQuery ? "query" : "header"}
          onChange={(kind) =>
            onChange(put(draft, name, kind === "query" ? { query: "api_key" } : { header: "Authorization" }))
          }
          options={[
            { value: "header", label: "a header" },
            { value: "query", label: "the query" },
          ]}
        />
      </Field>
      <Field label={inQuery ? "Parameter" : "Header"} error={error}>
        <TextInput
          mono
          value={textAt(place, inQuery ? "query" : "header")}
          onChange={(value) => onChange(put(draft, name, { ...place, [inQuery ? "query" : "header"]: value }))}
        />
      </Field>
      {!inQuery && (
        <Field label="Text before it" optional>
          <TextInput
            mono
            value={textAt(place, "prefix")}
            placeholder="Token "
            onChange={(value) => onChange(put(draft, name, put(place, "prefix", value)))}
          />
        </Field>
      )}
    </div>
  );
}
