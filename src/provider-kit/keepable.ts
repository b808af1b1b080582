/**
 * A text of a provider's, as rows and JSON can keep it: some services take half a character in a name, or one that is
 * the end of the text to most. One such name would otherwise stop the whole page that it stands on (SR-90).
 */
export const keepable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd");
