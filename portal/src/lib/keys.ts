/** Single-letter keys must not fire while somebody writes. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
}

/** A dialog, sheet or menu is open: keys belong to it. */
export function layerIsOpen(): boolean {
  return document.querySelector("[role=dialog], [role=alertdialog], [role=menu]") !== null;
}

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** "Ctrl K" or "⌘ K", as this machine writes it. */
export const modifierKey = isMac ? "⌘" : "Ctrl";
