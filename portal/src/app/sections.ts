import { Activity, Cable, FolderSync, House, LayoutGrid, type LucideIcon, Settings } from "lucide-react";

/** The pages of a workspace that the rail, the palette and the `g` keys know. */
export interface Section {
  name: string;
  to: "/w/$workspace" | `/w/$workspace/${"catalog" | "connections" | "syncs" | "activity" | "settings"}`;
  icon: LucideIcon;
  /** `g`, then this letter. */
  letter: string;
  foot?: true;
}

export const sections: readonly Section[] = [
  { name: "Home", to: "/w/$workspace", icon: House, letter: "h" },
  { name: "Catalog", to: "/w/$workspace/catalog", icon: LayoutGrid, letter: "c" },
  { name: "Connections", to: "/w/$workspace/connections", icon: Cable, letter: "n" },
  { name: "Syncs", to: "/w/$workspace/syncs", icon: FolderSync, letter: "s" },
  { name: "Activity", to: "/w/$workspace/activity", icon: Activity, letter: "a" },
  { name: "Settings", to: "/w/$workspace/settings", icon: Settings, letter: "e", foot: true },
];
