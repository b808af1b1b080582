import { CircleAlert } from "lucide-react";
import { Icon } from "./icon.tsx";
import { explainError } from "./states.tsx";

/** What the server said about a form as a whole; nothing while it said nothing. */
export function FormFailure({ error }: { error: unknown }) {
  if (!error) return null;
  const { cause, next } = explainError(error);
  return (
    <p role="alert" className="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
      <Icon icon={CircleAlert} className="mt-0.5" />
      <span>
        {cause} {next}
      </span>
    </p>
  );
}
