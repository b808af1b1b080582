// Autodesk's files, against a pretend Autodesk that keeps Autodesk's rules.
import { fileSourceSuite } from "#provider-kit/testing/file-source.suite.ts";
import { editSimulated } from "#provider-kit/testing/simulated-editor.ts";
import { autodesk } from "./index.ts";
import { autodeskClient, autodeskSimulator } from "./simulator.ts";

const origin = "https://autodesk.test";
const addresses = {
  api: `${origin}/api`,
  authorize: `${origin}/authorize`,
  token: `${origin}/token`,
  revoke: `${origin}/revoke`,
};

const differing = (because: string, promises: readonly string[]) => promises.map((promise) => ({ promise, because }));

fileSourceSuite(() => {
  const service = autodeskSimulator({ origin, seed: 1, empty: true });
  const provider = autodesk(addresses);
  return { provider, config: {}, at: editSimulated({ service, provider, config: {}, client: autodeskClient }) };
}, [
  ...differing("Autodesk has no feed of changes", [
    "starts a change feed from now, with nothing in it",
    "reports what was added, moved and removed, once",
    "reports a file that was renamed and moved as one that is elsewhere, with its old version",
    "reports a folder that moved with its new place, and nothing in it as gone",
    "says cursor-lost when the feed no longer reaches back that far",
    // What they say besides of feeds is asked below.
    "takes what is in the trash for gone, and what comes out of it for there",
    "tells the same whether pages are whole, short, empty, shuffled or said twice",
    "fails where an answer breaks off, and takes its beginning for nothing",
  ]),
  ...differing("a place in a listing is a number, which cannot be lost", [
    "says cursor-lost when the place in a listing is no longer known",
  ]),
  ...differing("a new name is a new version at Autodesk, and nothing says that its bytes are the old ones", [
    "SR-87 gives a new version when the bytes change, and only then",
  ]),
  ...differing("the bytes of a version outlive the deletion of its item, and are asked for by where they lie", [
    "says not-found for a file that is gone",
  ]),
  ...differing("every file is what it is", ["turns a document of the provider's own into every format that it names"]),
  ...differing("folders are listed one by one", ["lists a drive as a whole as it does folder by folder"]),
  ...differing("its search finds versions, and no folders", [
    "finds the folders that have a word in their name, in any case",
  ]),
]);
