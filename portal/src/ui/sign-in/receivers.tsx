import { HardDrive, Server } from "lucide-react";
import { staysHere } from "../../lib/catalog.ts";
import type { ProviderView, SignIn } from "../../lib/contract.ts";
import { Icon } from "../icon.tsx";

interface ReceiversProps {
  provider: ProviderView;
  /** The way that was chosen. */
  way: SignIn | undefined;
}

/** Who gets data through a connection: hosts of the provider, and those that the sign-in goes through. */
export function Receivers({ provider, way }: ReceiversProps) {
  if (staysHere(provider)) {
    return (
      <p className="flex items-start gap-2 text-muted">
        <Icon icon={HardDrive} className="mt-0.5" />
        Everything stays on the machine that Hawser runs on: no other host receives data.
      </p>
    );
  }
  const { addresses } = provider;
  const others = way?.hosts.filter((host) => !addresses.includes(host)) ?? [];
  return (
    <div className="flex items-start gap-2 text-muted">
      <Icon icon={Server} className="mt-0.5" />
      {addresses.length + others.length === 0 ? (
        <p>Only the host whose address you enter receives anything from this connection.</p>
      ) : (
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
      )}
    </div>
  );
}
