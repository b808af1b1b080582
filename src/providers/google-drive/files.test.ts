import { describe } from "vitest";
import { fileSourceSuite } from "#provider-kit/testing/file-source.suite.ts";
import { editSimulated } from "#provider-kit/testing/simulated-editor.ts";
import { googleDrive } from "./index.ts";
import { googleClient, googleDriveSimulator } from "./simulator.ts";

const origin = "http://google.test/sim";

describe("Google Drive", () => {
  fileSourceSuite(() => {
    const service = googleDriveSimulator({ origin, seed: 1, empty: true });
    const at = { api: `${origin}/api`, authorize: `${origin}/authorize`, token: `${origin}/token` };
    const provider = googleDrive(at);
    const addDocument = service.world.addDocument.bind(service.world);
    return {
      provider,
      config: {},
      at: editSimulated({
        service,
        provider,
        config: {},
        client: googleClient,
        addDocument: (name, folder) => addDocument(folder, name, "document"),
      }),
    };
  });
});
