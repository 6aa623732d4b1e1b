// Checks what a webhook brought, by the reference library: {key, headers, body} from standard input.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { key, headers, body } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(new Webhook(key).verify(body, headers)));
