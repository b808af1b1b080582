import type { HandedDocument, HandoffReceiver } from "#provider-kit/provider.ts";
import type { Config } from "./config.ts";
import { fromFolderNames } from "./folder-names.ts";

const MOST_OF_A_MESSAGE = 64 * 1024;
const MOST_INLINE = 25 * 1024 * 1024;
/** Of what stands around the two parts of a form. */
const FORM_BYTES = 4096;

/** What the receiver is told, as the text that is signed and sent at every attempt. */
export const writeMessage: HandoffReceiver<Config>["write"] = (config, document) => {
  const bytes = config.mode !== "reference";
  const payload = JSON.stringify(
    config.mode === "compatible" ? olderForm(config, document) : ourForm(config, document),
  );
  const length = new TextEncoder().encode(payload).length;
  if (length > MOST_OF_A_MESSAGE) {
    return { refused: "What there is to say of this file is more than the 64 KiB that a message may have." };
  }
  if (config.mode === "inline" && document.size + length + FORM_BYTES > MOST_INLINE) {
    return { refused: "The file is larger than the 25 MiB that may be sent along. Hand it over by reference." };
  }
  return { payload, bytes };
};

function ourForm(config: Config, document: HandedDocument): Record<string, unknown> {
  const isInline = config.mode === "inline";
  return {
    type: isInline ? "document.inline" : "document.ready",
    version: 1,
    tenant_id: config.tenant_id,
    document: {
      id: document.id,
      filename: document.name,
      ...(document.mediaType !== null && { mime_type: document.mediaType }),
      size_bytes: document.size,
      sha256: document.sha256,
      source: document.source,
      source_id: document.sourceId,
      source_version: document.sourceVersion,
      path: document.path,
      ...(document.modifiedAt && { modified_at: document.modifiedAt.toISOString() }),
      metadata: { ...(config.folder_names && fromFolderNames(document.path)), ...document.metadata },
      ...(!isInline && { storage: document.storage }),
    },
  };
}

/** The older form knows two sources. */
function olderForm(config: Config, { name, path, source, metadata }: HandedDocument): Record<string, unknown> {
  const read = fromFolderNames(path);
  return {
    yacht_id: config.tenant_id,
    filename: name,
    system_path: path.join("/"),
    directories: path,
    doc_type: metadata.doc_type ?? read.doc_type,
    system_tag: metadata.system_tag ?? read.system_tag,
    source: source === "onedrive" ? "onedrive" : "nas",
  };
}
