import { useState } from "react";
import { hawser } from "../../lib/api.ts";
import type { ConnectionView, Reply } from "../../lib/contract.ts";
import { useForbidden, useWorkspace } from "../../lib/session.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CopyField } from "../../ui/copy-field.tsx";
import { toastError } from "../../ui/toast.tsx";

type Address = Reply<"handoffs.makeResultAddress">;

/** Where a receiver may report what became of documents. Address and secret are shown this once. */
export function ResultAddress({ connection }: { connection: ConnectionView }) {
  const workspace = useWorkspace();
  const forbidden = useForbidden("admin");
  const [address, setAddress] = useState<Address>();
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    try {
      setAddress(await hawser.handoffs.makeResultAddress({ workspace: workspace.id, id: connection.id }, {}));
    } catch (error) {
      toastError("The address could not be made", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card
      title="Results"
      note="what became of documents"
      action={
        <Button busy={busy} disabled={forbidden} onClick={() => void make()}>
          {address ? "Make another one" : "Make an address"}
        </Button>
      }
    >
      <div className="grid max-w-180 grid-cols-1 gap-3 p-4">
        {address ? (
          <>
            <p>Give both to the service. They are not shown again; the address that was there before has ended.</p>
            <p className="-mb-2 text-xs text-muted">Address</p>
            <CopyField label="Address for results" value={address.url} />
            <p className="-mb-2 text-xs text-muted">Secret</p>
            <CopyField
              label="Secret for results"
              value={address.secret}
              copied="Copied. This secret is not shown again."
            />
          </>
        ) : (
          <p className="text-muted">
            The service can report later what it has made of a document: it then stands with the file. For that it needs
            an address and a secret that it signs with. Making an address ends one that was made before.
          </p>
        )}
      </div>
    </Card>
  );
}
