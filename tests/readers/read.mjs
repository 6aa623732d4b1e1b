// Reads what stands on standard input, a line of JSON {id, kind, text} for each, and says with each of
// npm's readers of that kind what the fields are: {id, reader, tree} or {id, reader, error}.
//
// A tree is {map: [[key, tree], …]}, {list: [tree, …]} or {leaf: [type, text]}.

import { createInterface } from "node:readline";
import * as jsYaml from "js-yaml";
import jsYaml3 from "js-yaml-3";
import { parse as parseToml, TomlDate } from "smol-toml";
import * as yaml from "yaml";

const quiet = { logLevel: "error", prettyErrors: false };
const READERS = {
  yaml: {
    "js-yaml": (text) => jsYaml.loadAll(text)[0],
    "js-yaml 1.1": (text) => jsYaml.loadAll(text, { schema: jsYaml.YAML11_SCHEMA })[0],
    "js-yaml 3": (text) => jsYaml3.safeLoad(text),
    yaml: (text) => yaml.parse(text, quiet),
    "yaml 1.1": (text) => yaml.parse(text, { ...quiet, version: "1.1" }),
  },
  toml: { "smol-toml": parseToml },
  json: { JSON: JSON.parse },
};

function tree(value) {
  if (value === null || value === undefined) return { leaf: ["null", ""] };
  if (Array.isArray(value)) return { list: value.map(tree) };
  if (value instanceof TomlDate) return { leaf: ["date", value.toISOString()] };
  if (value instanceof Date) return { leaf: ["date", value.toISOString()] };
  if (value instanceof Map) return { map: [...value].map(([key, part]) => [String(key), tree(part)]) };
  if (typeof value === "object") return { map: Object.entries(value).map(([key, part]) => [key, tree(part)]) };
  if (typeof value === "string") return { leaf: ["str", value] };
  if (typeof value === "boolean") return { leaf: ["bool", String(value)] };
  return { leaf: ["num", String(value)] };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, kind, text } = JSON.parse(line);
  for (const [reader, read] of Object.entries(READERS[kind] ?? {})) {
    let answer;
    try {
      answer = { id, reader, tree: tree(read(text)) };
    } catch (error) {
      answer = { id, reader, error: String(error.message).split("\n")[0] };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}
