// A host that cheats, for `tests/app/cell_test.ts`: what a cell would say if a plugin had got hold of
// its door. The last part of the plugin's address says how.

addEventListener("message", (event: Event) => {
  if (!(event instanceof MessageEvent)) return;
  const { port } = event.data;
  port.onmessage = ({ data: { id, question } }: MessageEvent) => {
    const answer = JSON.stringify({ id, said: [], value: {} });
    switch (question.entry.url.split("/").at(-1)) {
      case "twice":
        port.postMessage(answer);
        return port.postMessage(answer);
      case "another":
        return port.postMessage(JSON.stringify({ id: id + 1, said: [], value: {} }));
      case "object":
        return port.postMessage({ id, said: [], value: {} });
      case "long":
        return port.postMessage(answer + " ".repeat(5_000_000));
      case "broken":
        return port.postMessage(answer.slice(1));
      case "beside":
        return self.dispatchEvent(new CustomEvent("shout"));
      case "gone":
        return self.close();
      case "throws":
        return setTimeout(() => {
          throw new Error("out of nowhere");
        });
    }
  };
}, { once: true });
addEventListener("shout", () => Reflect.get(globalThis, "postMessage")("unasked"));
