// Plugins written for a test: their source goes into a folder of its own, which goes away with them.

import { loadPlugin, type Plugin, type PluginOptions } from "../../lib/app/plugins.ts";

/** A folder that is gone at the end of its block. */
export interface Folder extends Disposable {
  /** Without a link on the way, and without a slash at the end. */
  readonly path: string;
}

/** A folder with these files. */
export function aFolder(files: { readonly [name: string]: string } = {}): Folder {
  const path = Deno.realPathSync(Deno.makeTempDirSync());
  for (const [name, text] of Object.entries(files)) {
    const place = `${path}/${name}`;
    Deno.mkdirSync(place.slice(0, place.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(place, text);
  }
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Options that grant nothing; a plugin has time even on a busy machine. */
export function pluginOptions(given: Partial<PluginOptions> = {}): PluginOptions {
  return {
    ...{ planTimeoutMs: 5000, seed: 1, allow: [], exchange: ["https://api.backpack.exchange"] },
    env: () => undefined,
    onSaid: () => {},
    ...given,
  };
}

/** The source of a strategy that counts what it sees and quotes a bid; `parts` replace or add some. */
export function counting(parts = ""): string {
  return `
    export default {
      api: 1, name: "counting", summary: "Counts what it sees.", observes: ["fill", "timer"],
      params: { price: { type: "integer", default: 9990, min: 1, max: 20000, help: "of the bid" } },
      start: () => ({ seen: 0 }),
      observe(memory) { memory.seen++; },
      plan: (memory, view, setup) => ({
        orders: [{ side: "bid", price: setup.params.price, quantity: 5, role: "maker" }],
        reason: memory.seen + " seen",
      }),
      ${parts}
    };`;
}

/** A plugin of this source, loaded; it and its folder go at the end of the block. */
export async function aPlugin(
  source: string,
  options: Partial<PluginOptions> = {},
): Promise<Plugin> {
  const folder = aFolder({ "plugin.ts": source });
  using stack = new DisposableStack();
  stack.use(folder);
  const plugin = await loadPlugin(`${folder.path}/plugin.ts`, pluginOptions(options));
  stack.use(plugin);
  const kept = stack.move();
  return Object.defineProperty(plugin, Symbol.dispose, { value: () => kept.dispose() });
}
