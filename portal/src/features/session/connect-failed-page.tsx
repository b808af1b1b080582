import { useSearch } from "@tanstack/react-router";
import { ButtonHref } from "../../ui/button.tsx";
import { Frame } from "./frame.tsx";
import { strings } from "./strings.ts";

const words = strings.connectFailed;

/** Back from a provider with an answer that belongs to no sign-in that is known here. */
export function ConnectFailedPage() {
  const { outcome } = useSearch({ strict: false });
  const broken = outcome === "failed";
  return (
    <Frame title={words.title} lead={broken ? words.brokenLead : words.lead}>
      <p>{broken ? words.brokenNext : words.next}</p>
      <ButtonHref kind="primary" href="/" className="justify-self-start">
        {words.home}
      </ButtonHref>
    </Frame>
  );
}
