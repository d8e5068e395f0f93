// A cell with the fence taken away, for `tests/sandbox_test.ts`: it imports the plugin, asks for its
// plan and posts both as they are. What an attempt reaches here is what the fence has to stop.

addEventListener("message", async (event: Event) => {
  if (!(event instanceof MessageEvent)) return;
  const plugin = (await import(event.data.url)).default;
  const memory = plugin.start({}, { midTicks: 100 });
  const plan = plugin.plan(memory, { midTicks: 100 }, {});
  event.data.port.postMessage({ summary: plugin.summary, plan, memory });
}, { once: true });
