import { HardDrive, Server } from "lucide-react";
import { Icon } from "../icon.tsx";

/** Who gets data through a connection: hosts of the provider, and those that the sign-in goes through. */
export function Receivers({ addresses, signIn = [] }: { addresses: readonly string[]; signIn?: readonly string[] }) {
  const others = signIn.filter((host) => !addresses.includes(host));
  if (addresses.length === 0 && others.length === 0) {
    return (
      <p className="flex items-start gap-2 text-muted">
        <Icon icon={HardDrive} className="mt-0.5" />
        Everything stays on the machine that Hawser runs on: no other host receives data.
      </p>
    );
  }
  return (
    <div className="flex items-start gap-2 text-muted">
      <Icon icon={Server} className="mt-0.5" />
      <div className="grid min-w-0 gap-1">
        <p>Only these hosts receive anything from this connection:</p>
        <ul className="font-mono text-xs">
          {addresses.map((host) => (
            <li key={host} className="wrap-anywhere">
              {host}
            </li>
          ))}
          {others.map((host) => (
            <li key={host} className="wrap-anywhere">
              {host} <span className="font-sans">(sign-in only)</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
