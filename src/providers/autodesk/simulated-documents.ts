/** Folders, items and versions as Data Management tells them. */
import { sizeOf } from "#provider-kit/sim/content.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { versionUrn } from "./simulated-ids.ts";
import { type AutodeskTree, extensionOf, type SimProject, type SimVersion } from "./simulated-tree.ts";

/** Times are told with seven digits of fraction, and by searches with an offset and none. */
export type TimeForm = "browse" | "search";

export class Documents {
  readonly #tree: AutodeskTree;
  readonly #base: string;

  constructor(tree: AutodeskTree, base: string) {
    this.#tree = tree;
    this.#base = base;
  }

  folder(project: SimProject, node: SimNode, folderParents?: readonly SimNode[]): object {
    const href = `${this.#base}/data/v1/projects/${project.id}/folders/${encodeURIComponent(node.id)}`;
    const isRoot = node.parent === undefined;
    const name = isRoot ? `${project.id.slice(2)}-root-folder` : node.name;
    return {
      type: "folders",
      id: node.id,
      attributes: {
        name,
        displayName: name,
        ...people,
        createTime: timeOf(node.createdAt),
        lastModifiedTime: timeOf(node.modifiedAt),
        lastModifiedTimeRollup: this.#tree.rollupOf(node),
        objectCount: node.children?.size ?? 0,
        hidden: node.trashed,
        extension: {
          type: "folders:autodesk.bim360:Folder",
          version: "1.0",
          data: {
            visibleTypes: ["items:autodesk.bim360:File"],
            allowedTypes: ["items:autodesk.bim360:File", "folders:autodesk.bim360:Folder"],
            isRoot,
            folderType: "normal",
            ...(folderParents && {
              folderParents: folderParents.map((parent) => ({
                urn: parent.id,
                isRoot: parent.parent?.parent === undefined,
                title: parent.name,
                parentUrn: parent.parent?.id ?? null,
              })),
            }),
          },
        },
      },
      links: { self: { href } },
      relationships: {
        ...(node.parent && { parent: { data: { type: "folders", id: node.parent.id } } }),
        contents: { links: { related: { href: `${href}/contents` } } },
      },
    };
  }

  item(project: SimProject, node: SimNode, more: { pathInProject?: string; form?: TimeForm } = {}): object {
    const href = `${this.#base}/data/v1/projects/${project.id}/items/${encodeURIComponent(node.id)}`;
    const { displayName, reserved = false, type = "File" } = this.#tree.oddities.get(node) ?? {};
    return {
      type: "items",
      id: node.id,
      attributes: {
        displayName: displayName ?? node.name,
        ...people,
        createTime: timeOf(node.createdAt, more.form),
        lastModifiedTime: timeOf(node.modifiedAt, more.form),
        hidden: node.trashed,
        reserved,
        extension: { type: `items:autodesk.bim360:${type}`, version: "1.0", data: { sourceFileName: node.name } },
        ...(more.pathInProject !== undefined && { pathInProject: more.pathInProject }),
      },
      links: { self: { href } },
      relationships: {
        tip: { data: { type: "versions", id: versionUrn(node.id, this.#tree.tipNumber(node)) } },
        versions: { links: { related: { href: `${href}/versions` } } },
        parent: { data: { type: "folders", id: node.parent?.id ?? project.drive.top.id } },
      },
    };
  }

  version(project: SimProject, node: SimNode, version: SimVersion, form: TimeForm = "browse"): object {
    const id = versionUrn(node.id, version.number);
    const odd = this.#tree.oddities.get(node) ?? {};
    const { name, content, number } = version;
    const fileType = extensionOf(name);
    const key = odd.withoutStorage || !content ? undefined : this.#tree.objectKeyOf(node, version);
    const { bucket } = project.hub;
    return {
      type: "versions",
      id,
      attributes: {
        name,
        displayName: name,
        ...people,
        createTime: timeOf(version.at, form),
        lastModifiedTime: timeOf(version.at, form),
        versionNumber: number,
        ...(key !== undefined && {
          mimeType: mediaTypes[fileType] ?? "application/octet-stream",
          ...(!odd.withoutSize && content && { storageSize: sizeOf(content) }),
        }),
        ...(fileType !== "" && { fileType }),
        extension: {
          type: `versions:autodesk.bim360:${odd.type ?? "File"}`,
          version: "1.0",
          data: {
            processState: odd.processState ?? "PROCESSING_COMPLETE",
            extractionState: "SUCCESS",
            splittingState: "NOT_SPLIT",
            reviewState: "NOT_IN_REVIEW",
            revisionDisplayLabel: String(number),
            sourceFileName: name,
            conformingStatus: "NONE",
            ...(odd.composite && { isCompositeDesign: true }),
          },
        },
      },
      links: {
        self: { href: `${this.#base}/data/v1/projects/${project.id}/versions/${encodeURIComponent(id)}` },
        webView: {
          href: `https://acc.autodesk.com/docs/files/projects/${project.id.slice(2)}?entityId=${encodeURIComponent(node.id)}`,
        },
      },
      relationships: {
        item: { data: { type: "items", id: node.id } },
        ...(key !== undefined && {
          storage: {
            data: { type: "objects", id: `urn:adsk.objects:os.object:${bucket}/${key}` },
            meta: {
              link: {
                href: `${this.#base}/oss/v2/buckets/${bucket}/objects/${key}?scopes=b360project.${project.id.slice(2)},O2tenant.12345`,
              },
            },
          },
        }),
      },
    };
  }
}

const people = {
  createUserId: "A1B2C3D4E5F6",
  createUserName: "Ines Carvalho",
  lastModifiedUserId: "A1B2C3D4E5F6",
  lastModifiedUserName: "Ines Carvalho",
};

function timeOf(ms: number, form: TimeForm = "browse"): string {
  const text = new Date(ms).toISOString();
  return form === "search" ? `${text.slice(0, 19)}+00:00` : `${text.slice(0, 23)}0000Z`;
}

const mediaTypes: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  png: "image/png",
  txt: "text/plain",
  csv: "text/csv",
};
