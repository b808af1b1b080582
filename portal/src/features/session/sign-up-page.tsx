import { useSuspenseQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { setupQuery } from "../../lib/session.ts";
import { Icon } from "../../ui/icon.tsx";
import { Link } from "../../ui/link.tsx";
import { Frame } from "./frame.tsx";
import { SignUpForm } from "./sign-up-form.tsx";
import { strings } from "./strings.ts";

const words = strings.signUp;

export function SignUpPage() {
  const { next } = useSearch({ strict: false });
  const { data: setup } = useSuspenseQuery(setupQuery);
  const foot = (
    <>
      {words.haveAccount}{" "}
      <Link to="/sign-in" search={next ? { next } : {}}>
        {words.signIn}
      </Link>
    </>
  );
  if (setup.sign_up === "invited" && !setup.first_user) {
    return (
      <Frame title={words.closedTitle} foot={foot}>
        <p>{words.closed}</p>
      </Frame>
    );
  }
  return (
    <Frame title={setup.first_user ? words.firstTitle : words.title} foot={setup.first_user ? undefined : foot}>
      {setup.first_user && (
        <p className="flex items-start gap-2 rounded-md bg-primary-soft px-3 py-2">
          <Icon icon={ShieldCheck} className="mt-0.5 text-primary" />
          {words.first}
        </p>
      )}
      <SignUpForm next={next} />
    </Frame>
  );
}
