/** A failure's own words as a sentence among others. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
