// A strategy without sense, for the simulation: it wants random orders on both sides, near the touch
// and far from it, reduce-only and taking, and changes its mind. Whatever it wants, the rest of the
// house must keep its promises.

import { defineStrategy, lots, type Plan, type PlannedOrder, ticks } from "bpx-bot/strategy";

export const chaos = defineStrategy({
  api: 1,
  name: "chaos",
  summary: "Wants random orders.",
  params: {
    orders: { type: "integer", default: 8, min: 0, max: 50, help: "orders wanted at most" },
    reach: { type: "integer", default: 30, min: 1, max: 1000, unit: "ticks", help: "farthest" },
    most: { type: "integer", default: 300, min: 1, max: 100_000, unit: "lots", help: "largest" },
    takers: { type: "number", default: 0.1, min: 0, max: 1, help: "part of plans that take" },
    ends: { type: "number", default: 0, min: 0, max: 1, help: "part of plans that are the last" },
  },
  observes: ["fill", "trade", "book"],
  start: () => ({ seen: 0 }),
  observe(memory) {
    memory.seen++;
  },
  plan(_memory, view, { params }): Plan {
    const draw = (low: number, high: number) => low + Math.floor(view.random() * (high - low + 1));
    const orders: PlannedOrder[] = [];
    const count = draw(0, params.orders);
    for (let i = 0; i < count; i++) {
      const side = view.random() < 0.5 ? "bid" : "ask";
      const touch = side === "bid" ? view.bestBid : view.bestAsk;
      const away = draw(-2, params.reach);
      const price = Math.max(1, side === "bid" ? touch - away : touch + away);
      const quantity = lots(draw(1, params.most));
      const reduceOnly = view.random() < 0.2;
      orders.push({ side, price: ticks(price), quantity, role: "maker", reduceOnly, tag: `${i}` });
    }
    if (view.random() < params.takers) {
      const side = view.random() < 0.5 ? "bid" : "ask";
      // Often beyond the touch, now and then far beyond what the gate lets through.
      const touch = side === "bid" ? view.bestAsk : view.bestBid;
      const beyond = view.random() < 0.1 ? Math.floor(touch * 0.06) : draw(-1, 5);
      const price = ticks(side === "bid" ? touch + beyond : touch - beyond);
      const quantity = lots(draw(1, params.most));
      orders.push({ side, price, quantity, role: "taker", reduceOnly: view.random() < 0.5 });
    }
    if (view.random() < params.ends) {
      return { orders, finish: view.random() < 0.5 ? "stop" : "flatten" };
    }
    const holds = { below: ticks(view.bestBid - 3), above: ticks(view.bestAsk + 3) };
    return view.random() < 0.3 ? { orders, holds } : { orders };
  },
});
