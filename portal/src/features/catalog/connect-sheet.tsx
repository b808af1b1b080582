import { useNavigate } from "@tanstack/react-router";
import { FlaskConical, TriangleAlert } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { ApiError } from "../../lib/api.ts";
import { goAndAuthorize } from "../../lib/authorize.ts";
import type { CheckResult, ProviderView } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { useNameCheck } from "../../lib/use-name-check.ts";
import { Button } from "../../ui/button.tsx";
import { CheckAnswer } from "../../ui/check-answer.tsx";
import { Field } from "../../ui/field.tsx";
import { TextInput } from "../../ui/input.tsx";
import { OutsideLink } from "../../ui/link.tsx";
import { Note } from "../../ui/note.tsx";
import { ProviderGlyph } from "../../ui/provider-glyph.tsx";
import { SchemaForm } from "../../ui/schema-form/index.tsx";
import { useFormsTogether } from "../../ui/schema-form/use-forms-together.ts";
import { Sheet } from "../../ui/sheet.tsx";
import { asksForCredential, CredentialForm, toTexts } from "../../ui/sign-in/credential-form.tsx";
import { Receivers } from "../../ui/sign-in/receivers.tsx";
import { ScopeList } from "../../ui/sign-in/scope-list.tsx";
import { WayChoice } from "../../ui/sign-in/way-choice.tsx";
import { FailedState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { testConfig, useConnect } from "./api.ts";
import { NoRoots, needsRoots } from "./no-roots.tsx";
import { Preparation } from "./preparation.tsx";

const configForm = "connect-config";
const credentialForm = "connect-credential";
type Values = Record<string, unknown>;

interface ConnectSheetProps {
  provider: ProviderView;
  sandbox: boolean;
  /** Where the pretend providers are played. */
  sandboxAddress: string | null;
  onClose: () => void;
}

/** Connects one provider: name, way to sign in, where it points, who receives data; tested before it is saved. */
export function ConnectSheet(props: ConnectSheetProps) {
  return needsRoots(props.provider) ? (
    <Frame {...props}>
      <NoRoots />
    </Frame>
  ) : (
    <Filled {...props} />
  );
}

function Filled(props: ConnectSheetProps) {
  const { provider, sandbox } = props;
  const nameField = useRef<HTMLInputElement>(null);
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const forbidden = useForbidden("admin");
  const connect = useConnect(workspace.id);
  const plainName = sandbox ? `${provider.name}, sandbox` : provider.name;
  const [name, setName] = useState(provider.connections === 0 ? plainName : "");
  const [touched, setTouched] = useState(false);
  const [type, setType] = useState(provider.sign_in[0]?.type ?? "none");
  const [config, setConfig] = useState<Values>({});
  const [credential, setCredential] = useState<Values>({});
  const [busy, setBusy] = useState<"test" | "save">();
  const [result, setResult] = useState<CheckResult>();
  const [failure, setFailure] = useState<unknown>();
  const check = useNameCheck(workspace.id, "connection", name);
  const way = provider.sign_in.find((one) => one.type === type);
  const away = way?.type === "oauth2_authorization_code";
  const enters = way !== undefined && !away && asksForCredential(way);
  const fieldErrors = failure instanceof ApiError ? failure.errors : [];
  const landed = fieldErrors.some(({ pointer }) => /^\/(name|config|credential)/.test(pointer));
  const nameError =
    check.error ??
    fieldErrors.find(({ pointer }) => pointer === "/name")?.detail ??
    (touched && name.trim() === "" ? "Give it a name." : undefined);

  // Whoever comes back by the browser's own button finds the page as it was left.
  useEffect(() => {
    const wake = () => setBusy(undefined);
    window.addEventListener("pageshow", wake);
    return () => window.removeEventListener("pageshow", wake);
  }, []);

  const entered = (values: Values, secrets: Values) => ({
    provider: provider.key,
    config: values,
    auth: type,
    sandbox,
    ...(enters && { credential: toTexts(secrets) }),
  });
  const test = async () => {
    setBusy("test");
    setFailure(undefined);
    setResult(undefined);
    try {
      setResult(await testConfig(workspace.id, entered(config, credential)));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(undefined);
    }
  };
  const save = async (values: Values, secrets: Values) => {
    setTouched(true);
    if (name.trim() === "" || check.error) {
      nameField.current?.focus();
      return;
    }
    setBusy("save");
    setFailure(undefined);
    try {
      const made = await connect({ ...entered(values, secrets), name: name.trim() });
      const itsPage = () =>
        navigate({
          to: "/w/$workspace/connections/$connection",
          params: { workspace: workspace.slug, connection: made.id },
        });
      if (away) {
        // Where the sign-in cannot be begun, the connection is there already, and its page has the button.
        await goAndAuthorize(workspace.id, made.id).catch(async (error: unknown) => {
          toastError("The sign-in could not be begun", error);
          await itsPage();
        });
        return;
      }
      toast(
        made.status === "active"
          ? `${made.name} is connected.`
          : `${made.name} is saved. Its test failed: see the cause here.`,
      );
      await itsPage();
    } catch (error) {
      setFailure(error);
      setBusy(undefined);
    }
  };
  const forms = useFormsTogether<Values>(
    enters ? [configForm, credentialForm] : [configForm],
    ([values, secrets]) => void save(values ?? {}, secrets ?? {}),
  );
  const changed = () => {
    forms.forget();
    setResult(undefined);
  };

  return (
    <Frame
      {...props}
      initialFocus={nameField}
      footer={
        <>
          {!away && (
            <Button busy={busy === "test"} disabled={forbidden} onClick={() => void test()}>
              Test
            </Button>
          )}
          <Button
            kind="primary"
            type="submit"
            form={configForm}
            busy={busy === "save"}
            disabled={forbidden ?? (way?.oauth_client === "missing" && `Save the app at ${provider.name} first.`)}
          >
            {away ? `Continue to ${provider.name}` : result?.ok ? "Connect" : "Connect and test"}
          </Button>
        </>
      }
    >
      {provider.legacy !== null && (
        <Note icon={TriangleAlert} tone="warning">
          {provider.legacy}
        </Note>
      )}
      <Field
        label="Name"
        id="connection-name"
        error={nameError}
        hint={check.hint ?? "How this workspace calls it, such as “Yard server”."}
      >
        <TextInput
          ref={nameField}
          value={name}
          onChange={setName}
          onBlur={() => setTouched(true)}
          maxLength={255}
          autoComplete="off"
          readOnly={Boolean(forbidden)}
        />
      </Field>
      <WayChoice
        ways={provider.sign_in}
        value={type}
        disabled={Boolean(forbidden)}
        onChange={(next) => {
          setType(next);
          setCredential({});
          setFailure(undefined);
          changed();
        }}
      />
      {way && <Preparation provider={provider} way={way} forbidden={forbidden} />}
      <SchemaForm
        schema={provider.config_schema}
        value={config}
        onChange={(value) => {
          setConfig(value);
          changed();
        }}
        onSubmit={(values) => forms.onValid(configForm, values)}
        serverErrors={fieldErrors}
        prefix="/config"
        formId={configForm}
        disabled={Boolean(forbidden)}
      />
      {way && enters && (
        <CredentialForm
          key={way.type}
          way={way}
          value={credential}
          onChange={(value) => {
            setCredential(value);
            changed();
          }}
          onSubmit={(values) => forms.onValid(credentialForm, values)}
          serverErrors={fieldErrors}
          formId={credentialForm}
          disabled={Boolean(forbidden)}
        />
      )}
      {way && way.scopes.length > 0 && (
        <div className="grid gap-1.5">
          <h3 className="font-medium">Hawser asks to be allowed to</h3>
          <ScopeList scopes={way.scopes} />
        </div>
      )}
      <Receivers provider={provider} way={way} />
      {away && (
        <p className="text-muted">
          This window goes to {provider.name} and comes back here once you have agreed there.
        </p>
      )}
      {forbidden && <p className="text-muted">{forbidden}</p>}
      {result && <CheckAnswer result={result} />}
      {failure !== undefined && !landed && <FailedState what="That did not work" error={failure} />}
    </Frame>
  );
}

interface FrameProps extends ConnectSheetProps {
  footer?: ReactNode;
  initialFocus?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

function Frame({ provider, sandbox, sandboxAddress, onClose, footer, initialFocus, children }: FrameProps) {
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Connect ${provider.name}`}
      description={provider.description}
      glyph={<ProviderGlyph id={provider.key} name={provider.name} letters={provider.glyph.letters} />}
      footer={footer}
      initialFocus={initialFocus}
    >
      <div className="grid grid-cols-1 gap-5">
        {sandbox && (
          <Note icon={FlaskConical} tone="running">
            A simulator on this machine answers in place of {provider.name}. Nothing leaves it.{" "}
            {sandboxAddress && (
              <>
                Its accounts and keys are <OutsideLink href={sandboxAddress}>listed on its page</OutsideLink>.
              </>
            )}
          </Note>
        )}
        {children}
      </div>
    </Sheet>
  );
}
