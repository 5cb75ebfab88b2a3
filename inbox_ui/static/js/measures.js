// How long a text is, counted as its platform counts: the same as `hub/contract/measures.py`, by the same names.
const clusters = new Intl.Segmenter("en", { granularity: "grapheme" });
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}.*\uFE0F|\u20E3/su;
const LINK = /https?:\/\/[^ \t\r\n\u00A0\u3000<>"]*[^ \t\r\n\u00A0\u3000<>".,:;!?)\]}'…]/giu;
const LINK_COUNTS = 23;
const LIGHT = [[0, 0x10ff], [0x2000, 0x200d], [0x2010, 0x201f], [0x2032, 0x2037]];

const isLight = (letter) => LIGHT.some(([low, high]) => letter.codePointAt(0) >= low && letter.codePointAt(0) <= high);
const weight = (cluster) => (EMOJI.test(cluster) ? 2 : [...cluster].reduce((sum, letter) => sum + (isLight(letter) ? 1 : 2), 0));

export const MEASURES = {
  len: (text) => [...text].length,
  utf16_units: (text) => text.length,
  graphemes: (text) => [...clusters.segment(text)].length,
  utf8_bytes: (text) => new TextEncoder().encode(text).length,
  weighted: (text) => {
    let links = 0;
    const plain = text.normalize("NFC").replace(LINK, () => { links += 1; return ""; });
    return [...clusters.segment(plain)].reduce((sum, each) => sum + weight(each.segment), links * LINK_COUNTS);
  },
};

export const lengthOf = (text, name) => (MEASURES[name] ?? MEASURES.len)(text);
