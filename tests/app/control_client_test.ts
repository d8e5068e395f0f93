// Speaking to a bot: what it answers comes through unchanged, and silence is told from a refusal.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { ControlClient, NoAnswer } from "../../lib/app/control_client.ts";
import { UserError } from "../../lib/app/errors.ts";
import { aBot, aFolder, anAddress } from "./a_bot.ts";

Deno.test("status, screen, wishes and changes come through", async () => {
  using folder = aFolder();
  await using bot = aBot(folder.path);
  const { client, address } = bot;
  const status = await client.status();
  equal("run" in status && status.run, address.id);
  equal("equity" in status && status.equity, "10012.3456789");
  const lines = await client.screen({ columns: 80, rows: 24 });
  match(lines[0] ?? "", /^bpx-bot {2}paper {2}SOL_USDC_PERP {2}grid/);
  await client.ask("flatten");
  deepEqual(bot.asked, ["flatten"]);
  deepEqual(await client.set({ key: "staleMs", value: "1" }), {
    ...{ key: "staleMs", before: null, after: "1" },
  });
  deepEqual(await client.undo(), { key: "maxOrderUsd", before: 5, after: null });
});

Deno.test("a refusal is the bot's own line", async () => {
  using folder = aFolder();
  await using bot = aBot(folder.path, {
    answers: {
      set() {
        throw new UserError("Cannot set levels as it needs a restart");
      },
    },
  });
  await rejects(bot.client.set({ key: "levels", value: "5" }), {
    ...{ exitCode: 2, message: "Cannot set levels as it needs a restart" },
  });
  const stranger = new ControlClient({ ...bot.address, token: "another" });
  await rejects(stranger.ask("stop"), { exitCode: 1, message: /the token is not this run's$/ });
});

Deno.test("a bot that does not answer in time, or is not there, is one that does not answer", async () => {
  const open: Deno.Conn[] = [];
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = silent.accept().then((conn) => open.push(conn));
  const slow = new ControlClient(anAddress({ port: silent.addr.port }), { answerMs: 50 });
  await rejects(
    slow.status(),
    (error: unknown) =>
      error instanceof NoAnswer && error.exitCode === 5 && !error.message.includes("token"),
  );
  await accepted;
  open.forEach((conn) => conn.close());
  await rejects(new ControlClient(anAddress({ port: 1 })).ask("stop"), NoAnswer);
});

Deno.test("whoever waits for the end is told how it came, also when it comes without a word", async () => {
  using folder = aFolder();
  const signal = new AbortController().signal;
  const rows = [{ exitCode: 6, orders: "none" }, undefined] as const;
  for (const how of rows) {
    const bot = aBot(folder.path);
    const end = bot.client.end(signal);
    await bot.client.ask("stop");
    if (how !== undefined) bot.control.ended(how);
    await bot.control[Symbol.asyncDispose]();
    deepEqual(await end, how);
  }
});
