import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A small tree to try a first sync on: folders as a shipyard has them, so that rules find something in the paths. */
const documents: Readonly<Record<string, string>> = {
  "README.txt":
    'This folder is open to Hawser as the source root "documents".\nPut documents here, or name other folders in HAWSER_SOURCE_ROOTS.\n',
  "Engineering/Main engine/Manuals/Operation manual.txt":
    "Operation manual of the main engine.\n\n1. Starting\n2. Running\n3. Stopping\n",
  "Engineering/Main engine/Manuals/Maintenance schedule.csv":
    "interval_hours,work\n250,Change lubricating oil filter\n2000,Check valve clearance\n16000,Overhaul cylinder heads\n",
  "Engineering/Main engine/Drawings/ME-0412 Foundation.svg":
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60"><rect x="10" y="30" width="100" height="20" fill="none" stroke="black"/><text x="12" y="24" font-size="8">ME-0412</text></svg>\n',
  "Engineering/Electrical/Drawings/EL-2210 Single line.svg":
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60"><path d="M10 30h100M60 10v40" stroke="black"/><text x="12" y="24" font-size="8">EL-2210</text></svg>\n',
  "Engineering/Electrical/Manuals/Switchboard.txt": "Switchboard, 440 V. Emergency supply starts within 45 s.\n",
  "Engineering/Piping/Drawings/PI-1180 Ballast.svg":
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60"><circle cx="30" cy="30" r="12" fill="none" stroke="black"/><path d="M42 30h60" stroke="black"/></svg>\n',
  "Hull/Certificates/Class certificate.txt": "Certificate of class. Valid for five years.\n",
  "Hull/Trials/Sea trial protocol.csv": "time,speed_kn,power_kw\n09:10,12.4,4100\n10:05,15.1,7300\n",
  "Purchasing/Spare parts list.csv": "number,name,stock\n100-22,Fuel injector,6\n100-31,Piston ring set,4\n",
};

/** Makes the folder with its documents. */
export function placeSampleDocuments(folder: string): void {
  for (const [path, text] of Object.entries(documents)) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
}
