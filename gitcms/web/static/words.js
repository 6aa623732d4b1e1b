// What scripts say, in the language of the page: t("Kept {1}", "09:05").
const words = JSON.parse(document.documentElement.dataset.words ?? "{}");

export const t = (text, ...parts) => (words[text] ?? text).replace(/\{(\d)\}/g, (_, n) => parts[n - 1]);
