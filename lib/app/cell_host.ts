// The thread in which a plugin lives while it trades, on paper or live. It begins empty, without a
// permission, and the plugin is imported behind the fence.

import { raiseFence } from "./cell_fence.ts";
import { serveCell } from "./cell_serve.ts";

serveCell(raiseFence);
