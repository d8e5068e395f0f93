// One rule of the crowd as a case: what was recorded and done, and what it filled. Shared by the
// tests of queue position and of the book.

import { deepStrictEqual } from "node:assert/strict";
import { Scene } from "./scene.ts";

export interface CrowdCase {
  readonly name: string;
  readonly steps: (scene: Scene) => void;
  /** Fills of my orders, "order quantity@price". */
  readonly fills: readonly string[];
  readonly bids?: readonly string[];
  readonly asks?: readonly string[];
}

export async function followRules(t: Deno.TestContext, cases: readonly CrowdCase[]): Promise<void> {
  for (const { name, steps, fills, bids, asks } of cases) {
    await t.step(name, () => {
      const scene = new Scene();
      steps(scene);
      const shown = scene.shown();
      deepStrictEqual(scene.fills(), fills);
      if (bids !== undefined) deepStrictEqual(shown.bids, bids);
      if (asks !== undefined) deepStrictEqual(shown.asks, asks);
    });
  }
}
