// What scripts add to pages that work without them. One behaviour, one small module; each looks
// for its own marks (data-…) and does nothing on pages that have none.
import * as cards from "./cards.js";
import * as format from "./format.js";
import * as grow from "./grow.js";
import * as joined from "./joined.js";
import * as keep from "./keep.js";
import * as keys from "./keys.js";
import * as look from "./look.js";
import * as outline from "./outline.js";
import * as presence from "./presence.js";
import * as tags from "./tags.js";
import * as thread from "./thread.js";
import * as ticks from "./ticks.js";
import * as waits from "./waits.js";
import * as writing from "./writing.js";

for (const each of [writing, keep, look, outline, thread, presence, cards, keys, ticks, waits]) each.start();
for (const each of [format, grow, tags, joined]) each.start(document);
