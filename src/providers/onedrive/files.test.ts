import { fileSourceSuite } from "#provider-kit/testing/file-source.suite.ts";
import { editSimulated } from "#provider-kit/testing/simulated-editor.ts";
import { onedrive } from "./index.ts";
import { onedriveAddresses, onedriveClient, onedriveSimulator } from "./simulator.ts";

const root = "https://microsoft.test/sim";

fileSourceSuite(() => {
  const service = onedriveSimulator({ origin: root, seed: 1, empty: true });
  const provider = onedrive({ api: `${root}/api`, ...onedriveAddresses(root) });
  return { provider, config: {}, at: editSimulated({ service, provider, config: {}, client: onedriveClient }) };
}, [
  {
    promise: "turns a document of the provider's own into every format that it names",
    because: "every document has bytes of its own",
  },
]);
