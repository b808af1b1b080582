// What the folders of a vessel's archive say about a document, in the words of the system whose receivers expect them.

const docTypes: readonly (readonly [folder: string, type: string])[] = [
  ["general", "general"],
  ["engineering", "schematic"],
  ["systems", "schematic"],
  ["manuals", "manual"],
  ["drawings", "drawing"],
  ["procedures", "sop"],
  ["safety", "sop"],
  ["maintenance", "maintenance_log"],
  ["logs", "log"],
  ["inspections", "inspection"],
  ["vendors", "vendor_doc"],
  ["warranties", "warranty"],
  ["certifications", "certification"],
  ["photos", "photo"],
  ["videos", "video"],
];

const systemTags: readonly (readonly [word: string, tag: string])[] = [
  ["electrical", "electrical"],
  ["hvac", "hvac"],
  ["plumbing", "plumbing"],
  ["engines", "propulsion"],
  ["thrusters", "propulsion"],
  ["generators", "power"],
  ["navigation", "navigation"],
  ["communications", "communications"],
  ["comms", "communications"],
  ["fire", "safety"],
  ["safety", "safety"],
  ["galley", "galley"],
  ["kitchen", "galley"],
  ["sanitation", "sanitation"],
  ["water", "water"],
  ["fuel", "fuel"],
  ["hydraulics", "hydraulics"],
  ["deck", "deck"],
  ["hull", "hull"],
  ["interior", "interior"],
  ["av", "av"],
  ["audio", "av"],
  ["video", "av"],
  ["entertainment", "entertainment"],
  ["cctv", "security"],
  ["security", "security"],
  ["stabilizers", "stabilization"],
  ["tenders", "tenders"],
];

/**
 * `doc_type` of the top folder, with its number (`02_Engineering`) or without; `system_tag` of the first folder that has
 * a known word in it. Whole words: "Naval" is not AV.
 */
export function fromFolderNames(path: readonly string[]): { doc_type: string; system_tag: string } {
  const top = (path[0] ?? "").toLowerCase().replace(/^\d{2}_/, "");
  const words = path.map((folder) => new Set(folder.toLowerCase().split(/[^\p{L}\p{N}]+/u)));
  const tags = words.map((folder) => systemTags.find(([word]) => folder.has(word))?.[1]);
  return {
    doc_type: docTypes.find(([folder]) => folder === top)?.[1] ?? "general",
    system_tag: tags.find((tag) => tag !== undefined) ?? "general",
  };
}
