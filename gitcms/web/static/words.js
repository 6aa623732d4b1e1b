// What scripts say, in the language of the page: t("Kept {1}", "09:05").
const words = JSON.parse(document.documentElement.dataset.words ?? "{}");

export const t = (text, ...parts) => (words[text] ?? text).replace(/\{(\d)\}/g, (_, n) => parts[n - 1]);

// A sentence with a number: counted(3, "{1} word", "{1} words"). The page says which form is for which number,
// up to 199; further ones go by their last two digits.
export const counted = (number, one, many) => {
  const [table, ...forms] = words[many] ?? [];
  const text = table ? forms[table[number < 200 ? number : 100 + (number % 100)]] : number === 1 ? one : many;
  return text.replace("{1}", number);
};
